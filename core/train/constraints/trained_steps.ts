import { levelRange } from "../../kernels/quantise_uniform/round_level.ts";
import { roundSteps } from "../../kernels/round_steps/op.ts";
import type * as tf from "../../tf.ts";
import type { UniformConstraint } from "./constraint.ts";

/**
 * LSQ's factor for the gradient of step sizes, g = 1/√(N·Qp), of N weights a step, pruned
 * ones left out; `size` and `steps` count weights and steps. Without it a step, which all its
 * weights push, would outrun them.
 *
 * Source: Esser et al., "Learned Step Size Quantization", 2020, section 2.2.
 */
export function slopeOfSteps(
  { bits, mask }: UniformConstraint,
  size: number,
  steps: number,
): number {
  let kept = mask ? 0 : size;
  // At every step: a loop takes a tenth of what `reduce` does.
  if (mask) { for (const entry of mask) kept += entry; }
  const weights = Math.max(kept / steps, 1);
  return 1 / Math.sqrt(weights * levelRange(bits).highest);
}

/**
 * The steps that a weight of `size` numbers is quantised with, from the trained
 * `variables` `[1]` or `[channels]`: `roundSteps` of them, with {@linkcode slopeOfSteps} as
 * the factor of their gradient.
 */
export function trainedSteps(
  constraint: UniformConstraint,
  size: number,
  variables: tf.Tensor,
): tf.Tensor {
  const { powerOfTwo } = constraint;
  const slope = slopeOfSteps(constraint, size, variables.size);
  return roundSteps(variables, { powerOfTwo, slope });
}
