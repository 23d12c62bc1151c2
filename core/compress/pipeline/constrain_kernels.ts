import type { FloatArray } from "../../files/safetensors.ts";
import type { Constraint } from "../../train/constraints/constraint.ts";
import { isKernel } from "../prune/magnitude_masks.ts";
import type { MaskedModel } from "../prune/masked_model.ts";
import { spreadOverKernels } from "./spread_over_kernels.ts";

/**
 * A constraint for each weight of a model: what `constrain` makes of a kernel, its
 * mask (undefined where nothing is pruned) and its own number of `value`, which is
 * one for all kernels or a list; biases are quantised to `biasBits` bits with one power
 * of two as their step size. Throws a `RangeError` where the list, which errors call `name`, has another
 * length than there are kernels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { constrainKernels } from "./constrain_kernels.ts";
 * import { withoutMasks } from "../prune/masked_model.ts";
 *
 * const array = (...shape: number[]) => ({ shape, values: new Float32Array(4) });
 * const spec = { name: "small", input: [2, 1, 1] as const, layers: [] };
 * const constraints = constrainKernels(
 *   withoutMasks({ spec, weights: [array(2, 2), array(4)] }),
 *   { name: "bits", value: [3], biasBits: 6 },
 *   (_, mask, bits) => ({ kind: "uniform", bits, perChannel: false, powerOfTwo: false, mask }),
 * );
 * assertEquals(constraints.map((each) => "bits" in each && each.bits), [3, 6]);
 * ```
 */
export function constrainKernels(
  { weights, masks }: MaskedModel,
  { name, value, biasBits }: {
    name: string;
    value: number | readonly number[];
    biasBits: number;
  },
  constrain: (
    kernel: FloatArray,
    mask: Uint8Array<ArrayBuffer> | undefined,
    value: number,
  ) => Constraint,
): Constraint[] {
  const kernels = [...weights.keys()].filter((i) => isKernel(weights[i]));
  const values = spreadOverKernels(name, value, kernels.length);
  return weights.map((weight, index): Constraint => {
    const place = kernels.indexOf(index);
    if (place < 0) {
      // Trained as logarithms, small steps don't fall to nothing at Adam's rate.
      const rest = { perChannel: false, powerOfTwo: true };
      return { kind: "uniform", bits: biasBits, ...rest };
    }
    const mask = masks[index];
    const pruned = mask.includes(0) ? mask : undefined;
    return constrain(weight, pruned, values[place]);
  });
}
