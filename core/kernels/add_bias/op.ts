import * as tf from "../../tf.ts";
import { columnSum } from "../column_sum/op.ts";
import { withGradient } from "../with_gradient.ts";

/** Throws a `RangeError` unless `bias` has one entry a channel of `z`. */
export function checkBias(z: tf.Tensor, bias: tf.Tensor): void {
  const channels = z.shape[z.rank - 1];
  if (bias.rank !== 1 || bias.shape[0] !== channels) {
    throw new RangeError(
      `Cannot add a bias: its shape must be [${channels}], the last extent of [${
        z.shape.join(", ")
      }]: current value is [${bias.shape.join(", ")}]`,
    );
  }
}

/**
 * y = z + b, with z `[…, c]` and a bias b `[c]`. ∂L/∂z = ∂L/∂y and
 * ∂L/∂b = Σ ∂L/∂y, over all axes but the last.
 *
 * Throws a `RangeError` where the shapes don't go together.
 */
export function addBias(z: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  checkBias(z, bias);
  return withGradient(
    [z, bias],
    () => ({ value: tf.add(z, bias), saved: [] }),
    (dy) => [tf.clone(dy), columnSum(dy)],
  );
}
