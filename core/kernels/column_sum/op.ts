import * as tf from "../../tf.ts";
import { runKernel } from "../run_kernel.ts";

/**
 * s_c = Σ x_{…, c}, over all axes but the last: `[…, c]` → `[c]`, the gradient of
 * a bias. Added up in the same order every time.
 */
export function columnSum(x: tf.Tensor): tf.Tensor {
  const [sum] = runKernel("RetortColumnSum", { x }, {}, () => {
    const columns = x.shape[x.rank - 1];
    return [tf.sum(tf.reshape(x, [-1, columns]), 0)];
  });
  return sum;
}
