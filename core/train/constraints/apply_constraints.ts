import { lookUp } from "../../kernels/look_up/op.ts";
import { quantiseUniform } from "../../kernels/quantise_uniform/op.ts";
import { roundHalves } from "../../kernels/round_halves/op.ts";
import * as tf from "../../tf.ts";
import type {
  CodebookConstraint,
  Constraint,
  UniformConstraint,
} from "./constraint.ts";
import { groupVariables } from "./group_variables.ts";
import { applyMask } from "./masks.ts";
import { trainedSteps } from "./trained_steps.ts";

function applyUniform(
  constraint: UniformConstraint,
  [weight, variables]: tf.Tensor[],
  pull: number,
): tf.Tensor {
  const { bits, mask } = constraint;
  const masked = mask ? applyMask(weight, mask) : weight;
  const steps = trainedSteps(constraint, weight.size, variables);
  return quantiseUniform(masked, steps, bits, pull);
}

function applyCodebook(
  { indices, pruned }: CodebookConstraint,
  shape: number[],
  [centroids]: tf.Tensor[],
): tf.Tensor {
  const { size } = centroids;
  const first = new Uint8Array(size).fill(1).fill(0, 0, 1);
  const free = pruned ? applyMask(centroids, first) : centroids;
  return tf.reshape(lookUp(roundHalves(free), indices), shape);
}

/**
 * The weights that a model of `constraints` computes with, of `shapes`, from what
 * is trained: `variables`, in the order of `startVariables`.
 *
 * Differentiable by every variable: a mask and the choice of a codebook's entry
 * exactly, roundings straight-through (`quantiseUniform`, `roundSteps`,
 * `roundHalves`), with `pull` drawing quantised weights to their levels (0 unless
 * given). On every backend the values are, to the bit, those of
 * `encodeWeights`. Constraints are those that `startVariables` took: they aren't
 * checked at every step. Throws a `RangeError` where there are too many or too few
 * variables.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { useCpu } from "../../device/cpu.ts";
 * import * as tf from "../../tf.ts";
 * import { applyConstraints } from "./apply_constraints.ts";
 *
 * await useCpu();
 * const mask = Uint8Array.of(1, 0);
 * const [weight] = applyConstraints([{ kind: "mask", mask }], [[2]], [
 *   tf.tensor1d([0.5, 0.25]),
 * ]);
 * assertEquals(await weight.data(), Float32Array.of(0.5, 0));
 * ```
 */
export function applyConstraints(
  constraints: Constraint[],
  shapes: number[][],
  variables: tf.Tensor[],
  pull = 0,
): tf.Tensor[] {
  const groups = groupVariables(constraints, variables);
  return constraints.map((constraint, index) => {
    const own = groups[index];
    switch (constraint.kind) {
      case "free":
        return tf.clone(own[0]);
      case "half":
        return roundHalves(own[0]);
      case "mask":
        return applyMask(own[0], constraint.mask);
      case "uniform":
        return applyUniform(constraint, own, pull);
      case "codebook":
        return applyCodebook(constraint, shapes[index], own);
    }
  });
}
