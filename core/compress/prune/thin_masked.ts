import type { MaskedModel } from "./masked_model.ts";
import { thinModel } from "./thin_model.ts";
import type { Keep } from "./trace_channels.ts";

/**
 * The model without the filters and units that `keep` leaves out, masks included;
 * as {@linkcode thinModel} does. Throws a `RangeError` for a layer or an index that
 * there isn't.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initialWeights } from "../../models/initialise.ts";
 * import { studentSpec } from "../../models/student.ts";
 * import { withoutMasks } from "./masked_model.ts";
 * import { thinMasked } from "./thin_masked.ts";
 *
 * const spec = studentSpec({ hidden: 6 });
 * const model = withoutMasks({ spec, weights: initialWeights(spec, 1) });
 * const { masks, weights } = thinMasked(model, { hidden: [0, 5] });
 * assertEquals(masks.map(({ length }) => length), weights.map(({ values }) => values.length));
 * ```
 */
export function thinMasked(model: MaskedModel, keep: Keep): MaskedModel {
  const { spec, weights, masks } = model;
  const asArrays = masks.map((mask, index) => ({
    shape: weights[index].shape,
    values: Float32Array.from(mask),
  }));
  const thinned = thinModel(spec, asArrays, keep).weights;
  return {
    ...thinModel(spec, weights, keep),
    masks: thinned.map(({ values }) => Uint8Array.from(values)),
  };
}
