import type { DropoutRange } from "../../random/dropout_mask.ts";
import * as tf from "../../tf.ts";
import { checkBias } from "../add_bias/op.ts";
import { columnSum } from "../column_sum/op.ts";
import { DROPOUT, dropoutAttributes, dropoutMask } from "../drop_out/op.ts";
import { checkInputShape, defineKernel, NUMBER, runKernel } from "../kernel.ts";
import { withGradient } from "../with_gradient.ts";

/** Kernel of {@linkcode biasRelu}: y. */
export const biasReluKernel = defineKernel({
  name: "RetortBiasRelu",
  inputs: { z: "float32", bias: "float32" },
  attributes: { dropout: DROPOUT },
  check: ({ z, bias }) => checkInputShape("bias", bias, z.shape.slice(-1)),
});

/** Kernel of {@linkcode biasReluGradient}: ∂L/∂z. */
export const biasReluGradientKernel = defineKernel({
  name: "RetortBiasReluGradient",
  inputs: { y: "float32", dy: "float32" },
  attributes: { scale: NUMBER },
  check: ({ y, dy }) => checkInputShape("dy", dy, y.shape),
});

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
    const attributes = { dropout: dropout && dropoutAttributes(dropout) };
    const [y] = runKernel(biasReluKernel, { z, bias }, attributes, () => {
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
  const [dx] = runKernel(biasReluGradientKernel, { y, dy }, { scale }, () => [
    tf.where(
      tf.isNaN(y),
      y,
      tf.where(tf.greater(y, 0), tf.mul(dy, scale), tf.zerosLike(dy)),
    ),
  ]);
  return dx;
}
