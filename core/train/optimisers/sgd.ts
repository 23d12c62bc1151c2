import { updateSgd } from "../../kernels/optimisers/op.ts";
import * as tf from "../../tf.ts";
import { checkCoefficients } from "./check_coefficients.ts";
import { type Optimiser, perWeight } from "./optimiser.ts";

/**
 * Gradient descent with momentum, for gradient g, weight w, learning rate η:
 *
 * v ← μ·v + g
 * w ← w − η·v
 *
 * μ is 0.9 unless given; v starts at 0. Throws a `RangeError` unless 0 ≤ μ < 1.
 *
 * Source: Polyak, "Some methods of speeding up the convergence of iteration
 * methods", 1964.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { sgd } from "./sgd.ts";
 * import { selectBackend } from "../../device/select_backend.ts";
 * import * as tf from "../../tf.ts";
 *
 * await selectBackend("cpu");
 * const weights = [tf.tensor1d([1])];
 * const optimiser = sgd();
 * const step = optimiser.update({
 *   weights,
 *   gradients: [tf.tensor1d([2])],
 *   state: optimiser.start(weights),
 *   learningRate: 0.1,
 *   count: 1,
 * });
 * assertAlmostEquals((await step.weights[0].data())[0], 0.8, 1e-6);
 * ```
 */
export function sgd({ momentum = 0.9 }: { momentum?: number } = {}): Optimiser {
  checkCoefficients({ momentum });
  return perWeight(
    (weight) => [tf.zerosLike(weight)],
    ({ weight, gradient, slots: [velocity], learningRate }) => {
      const [moved, ...slots] = updateSgd(
        { weight, gradient, velocity },
        { momentum, learningRate },
      );
      return { weight: moved, slots };
    },
  );
}
