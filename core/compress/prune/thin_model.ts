import type { FloatArray } from "../../files/safetensors.ts";
import type { LayerSpec, ModelSpec } from "../../models/spec.ts";
import {
  type Keep,
  traceChannels,
  type TracedLayer,
} from "./trace_channels.ts";

/**
 * The entries of `array` at `indices` of one `axis`, in that order: its extent
 * becomes `indices.length`. Throws a `RangeError` for an index out of range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { selectAxis } from "./thin_model.ts";
 *
 * const matrix = { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) };
 * assertEquals(selectAxis(matrix, 1, [2, 0]).values, Float32Array.of(3, 1, 6, 4));
 * ```
 */
export function selectAxis(
  { shape, values }: FloatArray,
  axis: number,
  indices: readonly number[],
): FloatArray {
  const extent = shape[axis];
  for (const index of indices) {
    if (!(Number.isInteger(index) && index >= 0 && index < extent)) {
      throw new RangeError(
        `Cannot select along axis ${axis}: each index must be an integer from 0 to ${
          extent - 1
        }: current value is ${index}`,
      );
    }
  }
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const selected = new Float32Array(outer * indices.length * inner);
  let to = 0;
  for (let block = 0; block < outer; block++) {
    for (const index of indices) {
      const from = (block * extent + index) * inner;
      selected.set(values.subarray(from, from + inner), to);
      to += inner;
    }
  }
  return { shape: shape.with(axis, indices.length), values: selected };
}

/** Layers and weights that belong together. */
export interface Weighed {
  /** Layers, as plain data. */
  spec: ModelSpec;
  /** Kernel and bias of each layer that has them, in order. */
  weights: FloatArray[];
}

/** `layers` with as many filters and units as stay. */
function thinLayers(
  layers: LayerSpec[],
  widths: ReadonlyMap<string, number>,
): LayerSpec[] {
  return layers.map((layer) => {
    const width = widths.get(layer.name) ?? 0;
    switch (layer.kind) {
      case "conv2d":
        return { ...layer, filters: width };
      case "dense":
        return { ...layer, units: width };
      case "residual":
        return { ...layer, layers: thinLayers(layer.layers, widths) };
      default:
        return layer;
    }
  });
}

/** What stays of a layer's kernel and bias. */
function thinWeights(
  { cost, firstWeight, inputs, outputs }: TracedLayer,
  weights: FloatArray[],
): FloatArray[] {
  if (cost.weights.length === 0) return [];
  const kernel = weights[firstWeight];
  const bias = weights[firstWeight + 1];
  const reading = selectAxis(kernel, kernel.shape.length - 2, inputs);
  // A depthwise kernel's last axis counts filters a channel, of which there is one.
  const own = cost.layer.kind === "depthwiseConv2d"
    ? reading
    : selectAxis(reading, kernel.shape.length - 1, outputs);
  return [own, selectAxis(bias, 0, outputs)];
}

/**
 * The model without the filters and units that `keep` leaves out: a smaller spec
 * and smaller weights, whose outputs are those of the masked model (
 * {@linkcode maskChannels}): what reads a channel that is 0 everywhere gets
 * nothing from it, and can lose the weights for it.
 *
 * Throws a `RangeError` for a layer or an index that there isn't.
 *
 * Source: Li, Kadav, Durdanovic, Samet and Graf, "Pruning filters for efficient
 * ConvNets", 2017.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countParameters } from "../../models/cost.ts";
 * import { initialWeights } from "../../models/initialise.ts";
 * import { studentSpec } from "../../models/student.ts";
 * import { thinModel } from "./thin_model.ts";
 *
 * const spec = studentSpec({ hidden: 6 });
 * const thin = thinModel(spec, initialWeights(spec, 1), { conv1: [0, 7], conv2: [1, 2, 40] });
 * assertEquals(thin.weights.map(({ shape }) => shape).slice(0, 5), [[3, 3, 1, 2], [2], [3, 3, 2, 3], [3], [432, 6]]);
 * assertEquals(countParameters(thin.spec), 20 + 57 + 2598 + 70);
 * ```
 */
export function thinModel(
  spec: ModelSpec,
  weights: FloatArray[],
  keep: Keep,
): Weighed {
  const traced = traceChannels(spec, keep);
  const widths = new Map(
    traced.map(({ cost, outputs }) => [cost.layer.name, outputs.length]),
  );
  return {
    spec: { ...spec, layers: thinLayers(spec.layers, widths) },
    weights: traced.flatMap((layer) => thinWeights(layer, weights)),
  };
}
