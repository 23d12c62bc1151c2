import { updateAdam } from "../../kernels/optimisers/op.ts";
import * as tf from "../../tf.ts";
import { checkCoefficients } from "./check_coefficients.ts";
import { type Optimiser, perWeight } from "./optimiser.ts";

/**
 * Adam, for gradient g, weight w, learning rate η and step t from 1:
 *
 * m ← β₁·m + (1 − β₁)·g
 * v ← β₂·v + (1 − β₂)·g²
 * w ← w − η · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
 *
 * β₁ is 0.9, β₂ 0.999 and ε 1e-8 unless given; both averages start at 0. Throws
 * a `RangeError` unless 0 ≤ β < 1 for both and ε > 0.
 *
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2015,
 * algorithm 1.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { adam } from "./adam.ts";
 * import { selectBackend } from "../../device/select_backend.ts";
 * import * as tf from "../../tf.ts";
 *
 * await selectBackend("cpu");
 * const weights = [tf.tensor1d([1])];
 * const optimiser = adam();
 * const step = optimiser.update({
 *   weights,
 *   gradients: [tf.tensor1d([2])],
 *   state: optimiser.start(weights),
 *   learningRate: 0.1,
 *   count: 1,
 * });
 * assertAlmostEquals((await step.weights[0].data())[0], 0.9, 1e-6);
 * ```
 */
export function adam(
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: {
    beta1?: number;
    beta2?: number;
    epsilon?: number;
  } = {},
): Optimiser {
  checkCoefficients({ beta1, beta2 }, epsilon);
  return perWeight(
    (weight) => [tf.zerosLike(weight), tf.zerosLike(weight)],
    ({ weight, gradient, slots: [mean, square], learningRate, count }) => {
      const [moved, ...slots] = updateAdam(
        { weight, gradient, mean, square },
        {
          beta1,
          beta2,
          epsilon,
          rate: learningRate / (1 - beta1 ** count),
          correction: 1 / (1 - beta2 ** count),
        },
      );
      return { weight: moved, slots };
    },
  );
}
