import { decodeTensor } from "../../core/infer/decode_tensor.ts";
import type {
  EncodedModel,
  EncodedTensor,
} from "../../core/infer/encoded_tensor.ts";
import { modelCost } from "../../core/models/cost.ts";
import type { LayerSpec } from "../../core/models/spec.ts";

/** A layer that has weights. */
export interface WeighedLayer {
  /** The layer. */
  layer: LayerSpec;
  /** Its place among all layers. */
  place: number;
  /** Shape of what it reads. */
  input: readonly number[];
  /** Kernel and bias as the file holds them. */
  encoded: [EncodedTensor, EncodedTensor];
  /** Weights of the kernel, row-major. */
  kernel: Float32Array;
}

/**
 * The layers of `model` that have weights, in order, each with its own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallModel } from "../../tests/core/infer/small_model.ts";
 * import { weighedLayers } from "./weighed_layers.ts";
 *
 * const layers = weighedLayers(smallModel());
 * assertEquals(layers.map(({ place, input }) => [place, ...input]), [[0, 28, 28, 1], [2, 13, 13, 5], [4, 5]]);
 * ```
 */
export function weighedLayers(
  { spec, tensors }: EncodedModel,
): WeighedLayer[] {
  let next = 0;
  const found: WeighedLayer[] = [];
  for (const [place, cost] of modelCost(spec).layers.entries()) {
    if (cost.weights.length > 0) {
      const encoded: WeighedLayer["encoded"] = [
        tensors[next],
        tensors[next + 1],
      ];
      const kernel = decodeTensor(encoded[0]).values;
      found.push({
        layer: cost.layer,
        place,
        input: cost.input,
        encoded,
        kernel,
      });
      next += cost.weights.length;
    }
  }
  return found;
}
