import { updateAdadelta } from "../../kernels/optimisers/op.ts";
import * as tf from "../../tf.ts";
import { checkCoefficients } from "./check_coefficients.ts";
import { type Optimiser, perWeight } from "./optimiser.ts";

/**
 * Adadelta, for gradient g, weight w and learning rate η:
 *
 * E[g²] ← ρ·E[g²] + (1 − ρ)·g²
 * Δ = √(E[Δ²] + ε) / √(E[g²] + ε) · g
 * E[Δ²] ← ρ·E[Δ²] + (1 − ρ)·Δ²
 * w ← w − η·Δ
 *
 * ρ is 0.95 and ε 1e-7 unless given; both averages start at 0. Throws a
 * `RangeError` unless 0 ≤ ρ < 1 and ε > 0.
 *
 * Source: Zeiler, "ADADELTA: an adaptive learning rate method", 2012,
 * algorithm 1; η as Keras adds it.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { adadelta } from "./adadelta.ts";
 * import { selectBackend } from "../../device/select_backend.ts";
 * import * as tf from "../../tf.ts";
 *
 * await selectBackend("cpu");
 * const weights = [tf.tensor1d([1])];
 * const optimiser = adadelta();
 * const step = optimiser.update({
 *   weights,
 *   gradients: [tf.tensor1d([2])],
 *   state: optimiser.start(weights),
 *   learningRate: 1,
 *   count: 1,
 * });
 * const delta = Math.sqrt(1e-7) / Math.sqrt(0.05 * 4 + 1e-7) * 2;
 * assertAlmostEquals((await step.weights[0].data())[0], 1 - delta, 1e-6);
 * ```
 */
export function adadelta(
  { rho = 0.95, epsilon = 1e-7 }: { rho?: number; epsilon?: number } = {},
): Optimiser {
  checkCoefficients({ rho }, epsilon);
  return perWeight(
    (weight) => [tf.zerosLike(weight), tf.zerosLike(weight)],
    ({ weight, gradient, slots: [squares, updates], learningRate }) => {
      const [moved, ...slots] = updateAdadelta(
        { weight, gradient, squares, updates },
        { rho, epsilon, learningRate },
      );
      return { weight: moved, slots };
    },
  );
}
