import * as tf from "../../tf.ts";
import { runKernel } from "./run_kernel.ts";

/** The numbers of gradient descent, as its kernel gets them. */
export type SgdNumbers = {
  /** μ, the share of the old velocity that is kept. */
  momentum: number;
  learningRate: number;
};

/**
 * One step of gradient descent with momentum for a weight w, in one pass:
 *
 * v ← μ·v + g
 * w ← w − η·v
 *
 * Returns new tensors w and v, of one shape. See {@linkcode sgd}.
 */
export function updateSgd(
  { weight, gradient, velocity }: {
    weight: tf.Tensor;
    gradient: tf.Tensor;
    velocity: tf.Tensor;
  },
  numbers: SgdNumbers,
): tf.Tensor[] {
  const inputs = { weight, gradient, velocity };
  return runKernel("RetortSgd", inputs, numbers, () => {
    const { momentum, learningRate } = numbers;
    const newVelocity = tf.add(tf.mul(velocity, momentum), gradient);
    return [tf.sub(weight, tf.mul(newVelocity, learningRate)), newVelocity];
  });
}
