import {
  decodeSafeTensors,
  encodeSafeTensors,
  type FloatArray,
} from "../files/safetensors.ts";
import { decodeTensor } from "../infer/decode_tensor.ts";
import type { EncodedModel } from "../infer/encoded_tensor.ts";
import { prepareDirect } from "../infer/load.ts";
import { isInteger } from "../models/integer.ts";
import { listLayers } from "../models/layers/layers.ts";
import type { ModelSpec } from "../models/spec.ts";
import { VERSION } from "../version.ts";
import type { Exported, RuntimeAnswer, RuntimeQuestion } from "./exporter.ts";

/**
 * `model` as a safetensors file: float32 weights as `LAYER.kernel` and `LAYER.bias`, in
 * Keras' shapes, and in its metadata the layers, the labels and what pixels become.
 */
export function writeSafeTensors(model: EncodedModel): Exported {
  const { spec, labels, tensors } = model;
  const weights = tensors.map(decodeTensor).values();
  const named = new Map<string, FloatArray>();
  for (const { name, kind } of listLayers(spec.layers)) {
    if (kind !== "conv2d" && kind !== "depthwiseConv2d" && kind !== "dense") {
      continue;
    }
    for (const part of ["kernel", "bias"]) {
      const { value } = weights.next();
      if (value) named.set(`${name}.${part}`, value);
    }
  }
  const content = encodeSafeTensors({
    tensors: named,
    metadata: {
      format: `retort ${VERSION}`,
      input: JSON.stringify(spec.input),
      pixels: isInteger(spec.layers) ? "0 to 255" : "divided by 255",
      layers: JSON.stringify(spec.layers),
      labels: JSON.stringify(labels),
    },
  });
  return { files: [{ name: "", content }] };
}

/** The logits of images by a safetensors file, read back and run on the direct path. */
export function askSafeTensors(
  { files: [{ content }], images }: RuntimeQuestion,
): Promise<RuntimeAnswer> {
  if (typeof content === "string") throw new TypeError("safetensors are bytes");
  const { tensors, metadata } = decodeSafeTensors(content, "the export");
  const spec: ModelSpec = {
    name: "read back",
    input: JSON.parse(metadata.input),
    layers: JSON.parse(metadata.layers),
  };
  const model = prepareDirect(
    spec,
    [...tensors.values()],
    JSON.parse(metadata.labels),
  );
  const { logits } = model.classify(images);
  return Promise.resolve({
    runtime: `Retort ${VERSION}, which reads it back`,
    logits,
  });
}
