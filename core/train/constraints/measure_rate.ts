import { sumLevelBits } from "../../kernels/sum_level_bits/op.ts";
import * as tf from "../../tf.ts";
import type { Constraint } from "./constraint.ts";
import { groupVariables } from "./group_variables.ts";
import { trainedSteps } from "./trained_steps.ts";

/**
 * Mean of log₂(1 + |w/s|) over the weights that are quantised to 2 bits or more, a
 * smooth stand-in for the bits that a coder spends on their levels: `[]`; 0 where
 * there are none. Differentiable by weights and steps, in the order of
 * `startVariables`.
 *
 * Throws a `RangeError` where there are too many or too few variables.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { useCpu } from "../../device/cpu.ts";
 * import * as tf from "../../tf.ts";
 * import { measureRate } from "./measure_rate.ts";
 *
 * await useCpu();
 * const rate = measureRate(
 *   [{ kind: "uniform", bits: 3, perChannel: false, powerOfTwo: false }],
 *   [tf.tensor1d([0.5, -1.5]), tf.tensor1d([-1])], // s = 2⁻¹: ratios 1 and 3
 * );
 * assertAlmostEquals((await rate.data())[0], (1 + 2) / 2, 1e-6);
 * ```
 */
export function measureRate(
  constraints: Constraint[],
  variables: tf.Tensor[],
): tf.Scalar {
  const groups = groupVariables(constraints, variables);
  let total = tf.scalar(0);
  let count = 0;
  constraints.forEach((constraint, index) => {
    if (constraint.kind !== "uniform" || constraint.bits === 1) return;
    const [weight, own] = groups[index];
    const steps = trainedSteps(constraint, weight.size, own);
    total = tf.add(total, sumLevelBits(weight, steps));
    count += weight.size;
  });
  return tf.div(total, Math.max(count, 1) * Math.LN2);
}
