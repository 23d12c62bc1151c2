import type { FloatArray } from "../../files/safetensors.ts";
import type { EncodedTensor } from "../../infer/encoded_tensor.ts";
import { boundToHalf } from "./bound_to_half.ts";
import {
  levelRange,
  roundLevel,
} from "../../kernels/quantise_uniform/round_level.ts";
import { roundStep } from "../../kernels/round_steps/round_step.ts";
import { checkConstraints } from "./check_constraints.ts";
import type { Constraint, UniformConstraint } from "./constraint.ts";
import { groupVariables } from "./group_variables.ts";

function encodeUniform(
  { bits, powerOfTwo, mask }: UniformConstraint,
  shape: number[],
  [weight, variables]: FloatArray[],
): EncodedTensor {
  const scale = variables.values.map((value) => roundStep(value, powerOfTwo));
  const range = levelRange(bits);
  const levels = Int8Array.from(
    weight.values,
    (value, i) =>
      mask?.[i] === 0 ? 0 : roundLevel(value, scale[i % scale.length], range),
  );
  return { kind: "uniform", shape, bits, scale, levels };
}

/**
 * The weights that `applyConstraints` makes of `variables`, to the bit, in the form
 * in which a file holds them. Throws a `RangeError` where constraints, shapes and
 * variables don't go together.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeWeights } from "./encode_weights.ts";
 *
 * const [tensor] = encodeWeights(
 *   [{ kind: "uniform", bits: 2, perChannel: false, powerOfTwo: true }],
 *   [[3]],
 *   [
 *     { shape: [3], values: Float32Array.of(-0.9, 0.2, 0.6) },
 *     { shape: [1], values: Float32Array.of(-1) }, // s = 2⁻¹
 *   ],
 * );
 * assertEquals(tensor, {
 *   kind: "uniform",
 *   shape: [3],
 *   bits: 2,
 *   scale: Float32Array.of(0.5),
 *   levels: Int8Array.of(-2, 0, 1),
 * });
 * ```
 */
export function encodeWeights(
  constraints: Constraint[],
  shapes: number[][],
  variables: FloatArray[],
): EncodedTensor[] {
  checkConstraints(constraints, shapes);
  const groups = groupVariables(constraints, variables);
  return constraints.map((constraint, index) => {
    const shape = shapes[index];
    const [{ values }] = groups[index];
    switch (constraint.kind) {
      case "free":
        return { kind: "float", shape, bits: 32, values: values.slice() };
      case "half":
        return {
          kind: "float",
          shape,
          bits: 16,
          values: values.map(boundToHalf),
        };
      case "mask": {
        const { mask } = constraint;
        const kept = values.map((value, i) => value * mask[i]);
        return { kind: "float", shape, bits: 32, values: kept };
      }
      case "uniform":
        return encodeUniform(constraint, shape, groups[index]);
      case "codebook": {
        const codebook = values.map(boundToHalf);
        if (constraint.pruned) codebook[0] = 0;
        const indices = constraint.indices.slice();
        return { kind: "codebook", shape, codebook, indices };
      }
    }
  });
}
