import type { DropoutRange } from "../../random/dropout_mask.ts";
import * as tf from "../../tf.ts";
import { runKernel } from "./run_kernel.ts";

/**
 * The gradient of y = relu(x) ⊙ m by x: dy / (1 − rate) where y > 0, else 0. A
 * dropped element is 0, so that y tells the mask as well.
 *
 * Where y is NaN the gradient is NaN; where the unit was silent or dropped it
 * is 0, even if dy is infinite or NaN; on every backend.
 *
 * `dy` = ∂L/∂y is of the shape of `y`; the rate is 0 unless there is `dropout`.
 */
export function biasReluGradient(
  y: tf.Tensor,
  dy: tf.Tensor,
  dropout?: DropoutRange,
): tf.Tensor {
  const scale = 1 / (1 - (dropout?.rate ?? 0));
  const [dx] = runKernel("RetortBiasReluGrad", { y, dy }, { scale }, () => [
    tf.where(
      tf.isNaN(y),
      y,
      tf.where(tf.greater(y, 0), tf.mul(dy, scale), tf.zerosLike(dy)),
    ),
  ]);
  return dx;
}
