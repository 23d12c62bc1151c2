import type { EncodedModel, EncodedTensor } from "../infer/encoded_tensor.ts";
import { type LayerCost, modelCost } from "../models/cost.ts";
import type { LayerSpec } from "../models/spec.ts";

/** A layer with all that another program must be told of it. */
export interface ExportedLayer {
  layer: LayerSpec;
  /** Shape of what it reads, without the batch. */
  input: readonly number[];
  /** Shape of what it gives. */
  output: readonly number[];
  /** Its kernel and its bias, where it has them. */
  weights?: { kernel: EncodedTensor; bias: EncodedTensor };
  /** Layers that it holds; none but those of a residual one. */
  held: ExportedLayer[];
}

/** The layers of `model` with their shapes and weights; what one holds stands in it. */
export function listExportedLayers(
  { spec, tensors }: EncodedModel,
): ExportedLayer[] {
  const costs: Iterator<LayerCost> = modelCost(spec).layers.values();
  let next = 0;
  const listRow = (layers: readonly LayerSpec[]): ExportedLayer[] =>
    layers.flatMap((layer) => {
      const held = layer.kind === "residual" ? listRow(layer.layers) : [];
      const { value: cost } = costs.next();
      const [kernel, bias] = cost.weights.map(() => tensors[next++]);
      const { input, output } = cost;
      const weights = kernel && bias ? { kernel, bias } : undefined;
      return [{ layer, input, output, weights, held }];
    });
  return listRow(spec.layers);
}
