import * as tf from "../../tf.ts";
import { defineKernel, runKernel } from "../kernel.ts";

/** Kernel of {@linkcode columnSum}: s. */
export const columnSumKernel = defineKernel({
  name: "RetortColumnSum",
  inputs: { x: "float32" },
  attributes: {},
});

/**
 * s_c = Σ x_{…, c}, over all axes but the last: `[…, c]` → `[c]`, the gradient of
 * a bias. Added up in the same order every time.
 */
export function columnSum(x: tf.Tensor): tf.Tensor {
  const [sum] = runKernel(columnSumKernel, { x }, {}, () => {
    const columns = x.shape[x.rank - 1];
    return [tf.sum(tf.reshape(x, [-1, columns]), 0)];
  });
  return sum;
}
