import {
  checkDropoutRate,
  type DropoutRange,
  fillDropoutMask,
} from "../../random/dropout_mask.ts";
import * as tf from "../../tf.ts";
import { runKernel } from "../run_kernel.ts";
import { withGradient } from "../with_gradient.ts";

/** The range as what tfjs passes to kernels: `{ rate, key: [u32, u32], first }`. */
export function dropoutAttributes(
  { rate, key, first }: DropoutRange,
): { rate: number; key: number[]; first: number } {
  checkDropoutRate(rate);
  return { rate, key: [...key], first };
}

/** The mask of `dropout` for a tensor of `shape`. */
export function dropoutMask(
  shape: number[],
  { rate, key, first }: DropoutRange,
): tf.Tensor {
  const mask = new Float32Array(tf.util.sizeFromShape(shape));
  return tf.tensor(fillDropoutMask(mask, rate, key, first), shape);
}

function applyMask(x: tf.Tensor, dropout: DropoutRange): tf.Tensor {
  const [y] = runKernel(
    "RetortDropout",
    { x },
    dropoutAttributes(dropout),
    () => [tf.mul(x, dropoutMask(x.shape, dropout))],
  );
  return y;
}

/**
 * y = x ⊙ m, with the inverted-dropout mask m that {@linkcode fillDropoutMask}
 * describes: equal on every backend. ∂L/∂x = ∂L/∂y ⊙ m.
 *
 * Throws a `RangeError` unless 0 ≤ rate < 1 − 2⁻¹⁷.
 *
 * Source: Srivastava et al., "Dropout", JMLR 15, 2014.
 */
export function dropOut(x: tf.Tensor, dropout: DropoutRange): tf.Tensor {
  return withGradient(
    [x],
    () => ({ value: applyMask(x, dropout), saved: [] }),
    (dy) => [applyMask(dy, dropout)],
  );
}
