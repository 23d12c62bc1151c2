import type { LayerSpec } from "../../models/spec.ts";

/** A convolution's stride and padding, where they are unusual. */
function describeWindows(
  { stride = 1, padding }: { stride?: number; padding?: string },
): string {
  return (stride === 1 ? "" : `, stride ${stride}`) +
    (padding === "same" ? ", padded" : "");
}

/**
 * A layer in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeLayer } from "./describe_layer.ts";
 *
 * assertEquals(
 *   describeLayer({ kind: "conv2d", name: "a", filters: 8, size: 5, stride: 2, activation: "relu" }),
 *   "convolution 5×5, 8 filters, stride 2",
 * );
 * ```
 */
export function describeLayer(layer: LayerSpec): string {
  switch (layer.kind) {
    case "conv2d": {
      const { size, filters } = layer;
      const count = filters === 1 ? "1 filter" : `${filters} filters`;
      return `convolution ${size}×${size}, ${count}${describeWindows(layer)}`;
    }
    case "depthwiseConv2d": {
      const windows = describeWindows(layer);
      return `depthwise convolution ${layer.size}×${layer.size}${windows}`;
    }
    case "dense":
      return `dense, ${layer.units} ${layer.units === 1 ? "unit" : "units"}`;
    case "maxPool2d":
      return `maximum of ${layer.size}×${layer.size}`;
    case "averagePool2d":
      return `mean of ${layer.size}×${layer.size}`;
    case "globalAveragePool2d":
      return "mean of all places";
    default:
      return layer.kind;
  }
}
