import * as tf from "../../tf.ts";
import { runKernel } from "./run_kernel.ts";

/** Adadelta's numbers, as its kernel gets them. */
export type AdadeltaNumbers = {
  /** ρ, the share of the old averages that is kept. */
  rho: number;
  epsilon: number;
  learningRate: number;
};

/**
 * One step of Adadelta for a weight w, in one pass:
 *
 * s ← ρ·s + (1 − ρ)·g²
 * Δ = √((u + ε) / (s + ε)) · g
 * u ← ρ·u + (1 − ρ)·Δ²
 * w ← w − η·Δ
 *
 * s are the `squares`, u the `updates`. Returns new tensors w, s and u, all of one
 * shape. See {@linkcode adadelta}.
 */
export function updateAdadelta(
  { weight, gradient, squares, updates }: {
    weight: tf.Tensor;
    gradient: tf.Tensor;
    squares: tf.Tensor;
    updates: tf.Tensor;
  },
  numbers: AdadeltaNumbers,
): tf.Tensor[] {
  const inputs = { weight, gradient, squares, updates };
  return runKernel("RetortAdadelta", inputs, numbers, () => {
    const { rho, epsilon, learningRate } = numbers;
    const average = (old: tf.Tensor, value: tf.Tensor) =>
      tf.add(tf.mul(old, rho), tf.mul(tf.square(value), 1 - rho));
    const newSquares = average(squares, gradient);
    const ratio = tf.sqrt(
      tf.div(tf.add(updates, epsilon), tf.add(newSquares, epsilon)),
    );
    const delta = tf.mul(ratio, gradient);
    return [
      tf.sub(weight, tf.mul(delta, learningRate)),
      newSquares,
      average(updates, delta),
    ];
  });
}
