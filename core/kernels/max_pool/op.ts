import type { DropoutRange } from "../../random/dropout_mask.ts";
import * as tf from "../../tf.ts";
import { checkBias } from "../add_bias/op.ts";
import { biasReluGradient } from "../bias_relu/op.ts";
import { columnSum } from "../column_sum/op.ts";
import { DROPOUT, dropoutAttributes, dropoutMask } from "../drop_out/op.ts";
import {
  checkInputShape,
  defineKernel,
  PAIR,
  runKernel,
  SHAPE4,
} from "../kernel.ts";
import { withGradient } from "../with_gradient.ts";

/** Extents of a pooling window, by which it moves too: `[height, width]`. */
export type PoolSize = readonly [number, number];

/** Extents of a stack of images: `[n, height, width, channels]`. */
export type ImagesShape = readonly [number, number, number, number];

/** Kernel of {@linkcode maxPoolScatter}: dz. */
export const maxPoolScatterKernel = defineKernel({
  name: "RetortMaxPoolScatter",
  inputs: { g: "float32", winner: "int32" },
  attributes: { inputShape: SHAPE4, size: PAIR },
  check: ({ g, winner }, { inputShape, size }) => {
    const [n, height, width, channels] = inputShape;
    const windows = [
      n,
      Math.floor(height / size[0]),
      Math.floor(width / size[1]),
      channels,
    ];
    checkInputShape("g", g, windows);
    checkInputShape("winner", winner, windows);
  },
});

/** Kernel of {@linkcode poolBiasRelu}: y and the winners. */
export const biasReluMaxPoolKernel = defineKernel({
  name: "RetortBiasReluMaxPool",
  inputs: { z: "float32", bias: "float32" },
  attributes: { size: PAIR, dropout: DROPOUT },
  check: ({ z, bias }) => checkInputShape("bias", bias, [z.shape[3]]),
});

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
  const [dz] = runKernel(maxPoolScatterKernel, { g, winner }, {
    inputShape: [...inputShape],
    size: [...size],
  }, () => {
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

function shapeOfImages({ shape }: tf.Tensor): ImagesShape {
  const [n, height, width, channels] = shape;
  return [n, height, width, channels];
}

function checkWindow(z: tf.Tensor, size: PoolSize): void {
  const [, height, width] = z.shape;
  const fits = (window: number, extent: number) =>
    Number.isInteger(window) && window >= 1 && window <= extent;
  if (z.rank === 4 && fits(size[0], height) && fits(size[1], width)) return;
  throw new RangeError(
    `Cannot pool: a window must fit into images [n, height, width, channels]: current value is a window of [${
      size.join(", ")
    }] on [${z.shape.join(", ")}]`,
  );
}

/** Each window's largest value and its place, by tfjs's own operations. */
function poolWithWinner(
  z: tf.Tensor,
  [rows, columns]: PoolSize,
): { largest: tf.Tensor; winner: tf.Tensor } {
  const [n, height, width, channels] = z.shape;
  const bottom = height - height % rows;
  const right = width - width % columns;
  const places = Array.from({ length: rows * columns }, (_, place) => {
    const [row, column] = [Math.floor(place / columns), place % columns];
    return tf.stridedSlice(
      z,
      [0, row, column, 0],
      [n, bottom, right, channels],
      [1, rows, columns, 1],
    );
  });
  const windows = tf.stack(places, -1); // [n, h′, w′, c, places]
  return { largest: tf.max(windows, -1), winner: tf.argMax(windows, -1) };
}

/**
 * The value of {@linkcode biasReluMaxPool}, and the place of each winner in its
 * window, counted from 0 row by row.
 *
 * Throws a `RangeError` where the shapes don't go together, or the rate is out of
 * range.
 */
export function poolBiasRelu(
  z: tf.Tensor,
  bias: tf.Tensor,
  size: PoolSize,
  dropout?: DropoutRange,
): [y: tf.Tensor, winner: tf.Tensor] {
  checkBias(z, bias);
  checkWindow(z, size);
  const [y, winner] = runKernel(
    biasReluMaxPoolKernel,
    { z, bias },
    {
      size: [...size],
      dropout: dropout && dropoutAttributes(dropout),
    },
    () => {
      const { largest, winner } = poolWithWinner(z, size);
      const active = tf.relu(tf.add(largest, bias));
      return [
        dropout ? tf.mul(active, dropoutMask(active.shape, dropout)) : active,
        winner,
      ];
    },
  );
  return [y, winner];
}

/**
 * y = relu(maxpool(z) + b) ⊙ m, which is maxpool(relu(z + b)) ⊙ m: adding,
 * rounding and relu keep order. z is `[n, h, w, c]`, the bias b `[c]`, y
 * `[n, ⌊h / size₀⌋, ⌊w / size₁⌋, c]` and m the mask of `dropout`, 1 unless there
 * is one. Windows of `size` lie side by side; rows and columns that don't fill a
 * window are left out.
 *
 * ∂L/∂z at the first largest of each window is ∂L/∂y ⊙ m where y > 0, else 0, and
 * 0 at all others; ∂L/∂b is its sum over all axes but the last.
 *
 * Throws a `RangeError` where the shapes don't go together, or the rate is out of
 * range.
 */
export function biasReluMaxPool(
  z: tf.Tensor,
  bias: tf.Tensor,
  size: PoolSize,
  dropout?: DropoutRange,
): tf.Tensor {
  const inputShape = shapeOfImages(z);
  const forward = () => {
    const [y, winner] = poolBiasRelu(z, bias, size, dropout);
    return { value: y, saved: [y, winner] };
  };
  return withGradient([z, bias], forward, (dy, [y, winner]) => {
    const g = biasReluGradient(y, dy, dropout);
    return [maxPoolScatter(g, winner, inputShape, size), columnSum(g)];
  });
}
