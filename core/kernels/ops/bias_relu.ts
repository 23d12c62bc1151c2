import type { DropoutRange } from "../../random/dropout_mask.ts";
import * as tf from "../../tf.ts";
import { checkBias } from "./add_bias.ts";
import { biasReluGradient } from "./bias_relu_gradient.ts";
import { columnSum } from "./column_sum.ts";
import { dropoutAttributes, dropoutMask } from "./drop_out.ts";
import { runKernel } from "./run_kernel.ts";
import { withGradient } from "./with_gradient.ts";

/**
 * y = relu(z + b) ⊙ m, with z `[…, c]`, a bias b `[c]` and the mask m of
 * `dropout`, 1 unless there is one.
 *
 * ∂L/∂z is ∂L/∂y ⊙ m where y > 0, else 0; ∂L/∂b its sum over all axes but the
 * last. Throws a `RangeError` where the shapes don't go together, or the rate is
 * out of range.
 */
export function biasRelu(
  z: tf.Tensor,
  bias: tf.Tensor,
  dropout?: DropoutRange,
): tf.Tensor {
  checkBias(z, bias);
  const forward = () => {
    const attributes: tf.NamedAttrMap = dropout
      ? { dropout: dropoutAttributes(dropout) }
      : {};
    const [y] = runKernel("RetortBiasRelu", { z, bias }, attributes, () => {
      const active = tf.relu(tf.add(z, bias));
      return [
        dropout ? tf.mul(active, dropoutMask(z.shape, dropout)) : active,
      ];
    });
    return { value: y, saved: [y] };
  };
  return withGradient([z, bias], forward, (dy, [y]) => {
    const dz = biasReluGradient(y, dy, dropout);
    return [dz, columnSum(dz)];
  });
}
