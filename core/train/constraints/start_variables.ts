import type { FloatArray } from "../../files/safetensors.ts";
import { channelCount } from "../../infer/channel_count.ts";
import { averageWeights } from "./average_weights.ts";
import { checkConstraints } from "./check_constraints.ts";
import { chooseStep } from "./choose_step.ts";
import type { Constraint, UniformConstraint } from "./constraint.ts";
import { octaveOf } from "./octave_of.ts";

/** Only the weights that `mask` keeps; +0 elsewhere. */
function keepWeights({ shape, values }: FloatArray, mask: Uint8Array) {
  return { shape, values: values.map((value, i) => mask[i] ? value : 0) };
}

/** Step sizes for `weight`, as the numbers that are trained. */
function startSteps(
  { shape, values }: FloatArray,
  { bits, perChannel, powerOfTwo }: UniformConstraint,
): FloatArray {
  const steps = perChannel ? channelCount(shape) : 1;
  const chosen = Array.from({ length: steps }, (_, channel) => {
    const own = Float32Array.from(
      { length: values.length / steps },
      (_, row) => values[row * steps + channel],
    );
    return octaveOf(chooseStep(own, { bits, powerOfTwo }));
  });
  return { shape: [steps], values: Float32Array.from(chosen) };
}

/**
 * What is trained where `weights` are held to `constraints`, before the first
 * step: the weight, with zeros where it is pruned; the weight and the step sizes of
 * least squared error (as `octaveOf` tells them); or a codebook's
 * entries, each the mean of its weights. In the order of the constraints.
 *
 * Throws a `RangeError` where a constraint doesn't go with its weight, or a weight that
 * is to be quantised isn't finite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { startVariables } from "./start_variables.ts";
 *
 * const weight = { shape: [4], values: Float32Array.of(-0.5, 0, 0.25, 0.5) };
 * const [kept, steps] = startVariables([weight], [
 *   { kind: "uniform", bits: 4, perChannel: false, powerOfTwo: true },
 * ]);
 * assertEquals(kept, weight);
 * assertEquals(steps.shape, [1]);
 * ```
 */
export function startVariables(
  weights: FloatArray[],
  constraints: Constraint[],
): FloatArray[] {
  checkConstraints(constraints, weights.map(({ shape }) => shape));
  return weights.flatMap((weight, index) => {
    const constraint = constraints[index];
    switch (constraint.kind) {
      case "free":
      case "half":
        return [weight];
      case "mask":
        return [keepWeights(weight, constraint.mask)];
      case "uniform": {
        const { mask } = constraint;
        const kept = mask ? keepWeights(weight, mask) : weight;
        return [kept, startSteps(kept, constraint)];
      }
      case "codebook":
        return [averageWeights(weight.values, constraint)];
    }
  });
}
