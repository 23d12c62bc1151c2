import type { EncodedTensor } from "../../infer/encoded_tensor.ts";
import type { MaskedModel } from "../prune/masked_model.ts";
import type { FreeLayer } from "../prune/prune_exactly.ts";

/** What a stage hands to the next. */
export interface StageResult {
  /** The model, with the weights that it computes with. */
  model: MaskedModel;
  /** The same weights in the form in which a file holds them now. */
  tensors: EncodedTensor[];
  /** Epoch of its last training that the weights are of, where it trained. */
  epoch?: number;
  /** What exact pruning found, layer by layer, where the stage was that. */
  free?: FreeLayer[];
}

/**
 * The result of a stage that leaves weights as float32 numbers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initialWeights } from "../../models/initialise.ts";
 * import { studentSpec } from "../../models/student.ts";
 * import { withoutMasks } from "../prune/masked_model.ts";
 * import { keepFloats } from "./stage_result.ts";
 *
 * const spec = studentSpec({ hidden: 6 });
 * const { tensors } = keepFloats(withoutMasks({ spec, weights: initialWeights(spec, 1) }));
 * assertEquals(tensors.map(({ kind }) => kind), new Array(8).fill("float"));
 * ```
 */
export function keepFloats(model: MaskedModel): StageResult {
  const tensors = model.weights.map(({ shape, values }): EncodedTensor => (
    { kind: "float", shape, bits: 32, values }
  ));
  return { model, tensors };
}
