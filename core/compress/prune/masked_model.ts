import type { Weighed } from "./thin_model.ts";

/** A model with a mask for each weight: 1 in use, 0 pruned, and its value 0. */
export interface MaskedModel extends Weighed {
  /** One a weight, in its shape; ones for biases. */
  masks: Uint8Array<ArrayBuffer>[];
}

/**
 * The model with all of its weights in use.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initialWeights } from "../../models/initialise.ts";
 * import { studentSpec } from "../../models/student.ts";
 * import { countUsed, withoutMasks } from "./masked_model.ts";
 *
 * const spec = studentSpec({ hidden: 6 });
 * assertEquals(countUsed(withoutMasks({ spec, weights: initialWeights(spec, 1) })), 74_188);
 * ```
 */
export function withoutMasks({ spec, weights }: Weighed): MaskedModel {
  const masks = weights.map(({ values }) =>
    new Uint8Array(values.length).fill(1)
  );
  return { spec, weights, masks };
}

/**
 * Weights in use: those of kernels that masks keep, and all biases.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countUsed } from "./masked_model.ts";
 *
 * const spec = { name: "net", input: [1, 1, 1] as const, layers: [] };
 * const weights = [{ shape: [1, 2], values: Float32Array.of(3, 0) }];
 * assertEquals(countUsed({ spec, weights, masks: [Uint8Array.of(1, 0)] }), 1);
 * ```
 */
export function countUsed({ masks }: MaskedModel): number {
  return masks.reduce(
    (sum, mask) => sum + mask.reduce((used, kept) => used + kept, 0),
    0,
  );
}
