import { tfjsFiles } from "../compress/baselines/tfjs_files.ts";
import { useCpu } from "../device/cpu.ts";
import type { FloatArray } from "../files/safetensors.ts";
import { decodeTensor } from "../infer/decode_tensor.ts";
import type { EncodedModel } from "../infer/encoded_tensor.ts";
import { along } from "../models/layers/layer.ts";
import type { LayerSpec } from "../models/spec.ts";
import * as tf from "../tf.ts";
import { type ExportedLayer, listExportedLayers } from "./exported_layers.ts";
import type { Exported } from "./exporter.ts";

/** `kernel` `[rows, columns, …]` with zeros between its places, so that they lie `dilation` apart. */
function spreadKernel(
  { shape, values }: FloatArray,
  [down, across]: readonly [number, number],
): FloatArray {
  const [rows, columns, ...rest] = shape;
  const wide = (columns - 1) * across + 1;
  const depth = values.length / (rows * columns);
  const spread = [(rows - 1) * down + 1, wide, ...rest];
  const numbers = new Float32Array(spread[0] * wide * depth);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const tap = row * columns + column;
      numbers.set(
        values.subarray(tap * depth, (tap + 1) * depth),
        (row * down * wide + column * across) * depth,
      );
    }
  }
  return { shape: spread, values: numbers };
}

/** Layers and weights as tfjs's layers compute them. */
interface Settled {
  layers: LayerSpec[];
  weights: FloatArray[];
}

/**
 * `rows` without what tfjs's layers don't do: a depthwise one there reads its places side
 * by side, whatever its dilation. That becomes zeros in its kernel.
 */
function settleLayers(rows: readonly ExportedLayer[]): Settled {
  const settled: Settled = { layers: [], weights: [] };
  for (const { layer, weights, held } of rows) {
    const own = weights
      ? [decodeTensor(weights.kernel), decodeTensor(weights.bias)]
      : [];
    let as: LayerSpec = layer;
    if (layer.kind === "residual") {
      const inner = settleLayers(held);
      as = { ...layer, layers: inner.layers };
      settled.weights.push(...inner.weights);
    }
    if (layer.kind === "depthwiseConv2d" && layer.dilation !== undefined) {
      const { dilation, ...rest } = layer;
      const [kernel, bias] = own;
      const spread = spreadKernel(kernel, [
        along(dilation, 0),
        along(dilation, 1),
      ]);
      const [rows, columns] = spread.shape;
      as = { ...rest, size: [rows, columns] };
      settled.weights.push(spread, bias);
    } else settled.weights.push(...own);
    settled.layers.push(as);
  }
  return settled;
}

/**
 * `model` as the files of a tfjs LayersModel, its weights in float32. On the current
 * backend, or the CPU's where there is none yet. Throws a `RangeError` where its pools
 * have zeros around them that tfjs would count.
 */
export async function writeTfjs(model: EncodedModel): Promise<Exported> {
  if (tf.engine().backendName === undefined) await useCpu();
  const { layers, weights } = settleLayers(listExportedLayers(model));
  const spec = { ...model.spec, layers };
  const { json, data } = await tfjsFiles(spec, weights, "float32");
  return {
    files: [
      { name: "weights.bin", content: data },
      { name: "model.json", content: json },
    ],
  };
}
