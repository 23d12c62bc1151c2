import * as tf from "../../tf.ts";
import { runKernel } from "./run_kernel.ts";

/** Adam's numbers, as its kernel gets them. */
export type AdamNumbers = {
  /** β₁ and β₂, shares of the old averages that are kept. */
  beta1: number;
  beta2: number;
  epsilon: number;
  /** η / (1 − β₁ᵗ): the learning rate, the mean's bias removed. */
  rate: number;
  /** 1 / (1 − β₂ᵗ), which removes the square's bias. */
  correction: number;
};

/**
 * One step of Adam for a weight w, in one pass:
 *
 * m ← β₁·m + (1 − β₁)·g
 * v ← β₂·v + (1 − β₂)·g²
 * w ← w − rate · m / (√(v · correction) + ε)
 *
 * Returns new tensors w, m and v, all of one shape. See {@linkcode adam}.
 */
export function updateAdam(
  { weight, gradient, mean, square }: {
    weight: tf.Tensor;
    gradient: tf.Tensor;
    mean: tf.Tensor;
    square: tf.Tensor;
  },
  numbers: AdamNumbers,
): tf.Tensor[] {
  const inputs = { weight, gradient, mean, square };
  return runKernel("RetortAdam", inputs, numbers, () => {
    const { beta1, beta2, epsilon, rate, correction } = numbers;
    const newMean = tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1));
    const newSquare = tf.add(
      tf.mul(square, beta2),
      tf.mul(tf.square(gradient), 1 - beta2),
    );
    const root = tf.sqrt(tf.mul(newSquare, correction));
    const step = tf.mul(tf.div(newMean, tf.add(root, epsilon)), rate);
    return [tf.sub(weight, step), newMean, newSquare];
  });
}
