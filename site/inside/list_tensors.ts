import type { DramInspection } from "../../core/infer/inspect_dram.ts";
import type { InsideTensor } from "../inside_data.ts";
import { describeTensor } from "../../core/report/describe_tensor.ts";
import { describeLayer } from "../../core/models/layers/layer_forms.ts";
import { roundFraction } from "./round_fraction.ts";
import type { WeighedLayer } from "./weighed_layers.ts";

/**
 * Kernel and bias of each of `layers`, and what they cost in the file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram, smallModel } from "../../tests/core/infer/small_model.ts";
 * import { inspectDram } from "../../core/infer/inspect_dram.ts";
 * import { listTensors } from "./list_tensors.ts";
 * import { weighedLayers } from "./weighed_layers.ts";
 *
 * const [{ layer, role, held }] = listTensors(weighedLayers(smallModel()), inspectDram(smallDram()));
 * assertEquals([layer, role, held], ["convolution 3×3, 5 filters", "kernel", "5 bits × 0.03"]);
 * ```
 */
export function listTensors(
  layers: readonly WeighedLayer[],
  { tensors }: DramInspection,
): InsideTensor[] {
  return tensors.map((tensor, index) => ({
    layer: describeLayer(layers[index >> 1].layer),
    role: index % 2 === 0 ? "kernel" : "bias",
    shape: tensor.shape,
    held: describeTensor(tensor),
    bits: tensor.bits,
    coding: tensor.coding,
    weights: tensor.weights,
    zeros: tensor.zeros,
    entropy: roundFraction(tensor.entropy),
    bytes: roundFraction(
      (tensor.headerBits + tensor.scaleBits + tensor.weightBits) / 8,
    ),
  }));
}
