import * as tf from "../../tf.ts";
import { columnSum } from "../column_sum/op.ts";
import { defineKernel, runKernel } from "../kernel.ts";
import { withGradient } from "../with_gradient.ts";

/** Kernel of {@linkcode sumLevelBits}: the sum. */
export const sumLevelBitsKernel = defineKernel({
  name: "RetortSumLevelBits",
  inputs: { weights: "float32", steps: "float32" },
  attributes: {},
});

/** Kernel of its gradients: by the weights and by the steps. */
export const sumLevelBitsGradientKernel = defineKernel({
  name: "RetortSumLevelBitsGradient",
  inputs: { weights: "float32", steps: "float32", dy: "float32" },
  attributes: {},
});

/**
 * Σ ln(1 + |wᵢ| / s_c), `[]`, with weights of any shape and steps s `[channels]`
 * above 0; c = i mod channels.
 *
 * ∂/∂w = sign(w) / (s + |w|), and ∂/∂s = −Σ |w| / (s·(s + |w|)).
 */
export function sumLevelBits(weights: tf.Tensor, steps: tf.Tensor): tf.Scalar {
  const rowsOf = (weights: tf.Tensor) => tf.reshape(weights, [-1, steps.size]);
  const forward = () => {
    const inputs = { weights, steps };
    const [value] = runKernel(sumLevelBitsKernel, inputs, {}, () => {
      const ratios = tf.abs(tf.div(rowsOf(weights), steps));
      return [tf.sum(tf.log1p(ratios))];
    });
    return { value, saved: [weights, steps] };
  };
  const sum = withGradient(
    [weights, steps],
    forward,
    (dy, [weights, steps]) =>
      runKernel(sumLevelBitsGradientKernel, { weights, steps, dy }, {}, () => {
        const rows = rowsOf(weights);
        const sizes = tf.abs(rows);
        const slopes = tf.div(dy, tf.add(sizes, steps));
        const dw = tf.mul(tf.sign(rows), slopes);
        const ds = columnSum(tf.div(tf.mul(sizes, slopes), tf.neg(steps)));
        return [tf.reshape(dw, weights.shape), ds];
      }),
  );
  return sum.asScalar();
}
