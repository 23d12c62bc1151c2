import * as tf from "../../tf.ts";
import { runKernel } from "./run_kernel.ts";

/** Extents of a pooling window, by which it moves too: `[height, width]`. */
export type PoolSize = readonly [number, number];

/** Extents of a stack of images: `[n, height, width, channels]`. */
export type ImagesShape = readonly [number, number, number, number];

/** `parts`, one a place in the window, woven together along two axes. */
function weave(parts: tf.Tensor[], [rows, columns]: PoolSize): tf.Tensor {
  const [n, height, width, channels] = parts[0].shape;
  const lines = Array.from({ length: rows }, (_, row) =>
    tf.reshape(
      tf.stack(parts.slice(row * columns, (row + 1) * columns), 3),
      [n, height, width * columns, channels],
    ));
  return tf.reshape(
    tf.stack(lines, 2),
    [n, height * rows, width * columns, channels],
  );
}

/**
 * The gradient of max-pooling by its input: `g` at each window's winner, 0
 * elsewhere.
 *
 * `g` and `winner` are `[n, h′, w′, c]`; a winner is the place in its window,
 * counted from 0 row by row. The result has `inputShape`, `[n, h, w, c]`; windows
 * of `size` lie side by side, and rows and columns that are left over get 0.
 */
export function maxPoolScatter(
  g: tf.Tensor,
  winner: tf.Tensor,
  inputShape: ImagesShape,
  size: PoolSize,
): tf.Tensor {
  const attributes = { inputShape: [...inputShape], size: [...size] };
  const inputs = { g, winner };
  const [dz] = runKernel("RetortMaxPoolScatter", inputs, attributes, () => {
    const parts = Array.from(
      { length: size[0] * size[1] },
      (_, place) => tf.where(tf.equal(winner, place), g, tf.zerosLike(g)),
    );
    const [, height, width] = inputShape;
    return [tf.pad(weave(parts, size), [
      [0, 0],
      [0, height % size[0]],
      [0, width % size[1]],
      [0, 0],
    ])];
  });
  return dz;
}
