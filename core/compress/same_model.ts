import { decodeTensor } from "../infer/decode_tensor.ts";
import type { EncodedModel } from "../infer/encoded_tensor.ts";
import type { LayerSpec } from "../models/spec.ts";

/** What a model computes, layer by layer, whatever its parts are called. */
function describeLayers({ spec }: EncodedModel): string {
  const describe = (layers: readonly LayerSpec[]): unknown[] =>
    layers.map((layer) => {
      const { name: _, ...rest } = layer;
      const whole = layer.kind === "conv2d" || layer.kind === "depthwiseConv2d"
        ? { stride: 1, padding: "valid", ...rest }
        : layer.kind === "residual"
        ? { ...rest, layers: describe(layer.layers) }
        : rest;
      return Object.entries(whole).toSorted();
    });
  return JSON.stringify([spec.input, describe(spec.layers)]);
}

function mismatch(what: string): never {
  throw new Error(
    `Cannot certify: the file must hold the model that it was made of: ${what}`,
  );
}

/**
 * `read`, if it computes what `made` does: the same layers, labels and weights, to
 * the last bit; names may differ. Throws an `Error` otherwise.
 */
export function assertSameModel(
  read: EncodedModel,
  made: EncodedModel,
): EncodedModel {
  if (describeLayers(read) !== describeLayers(made)) {
    mismatch("its layers differ");
  }
  if (JSON.stringify(read.labels) !== JSON.stringify(made.labels)) {
    mismatch(`its labels are ${read.labels.join(", ")}`);
  }
  if (read.tensors.length !== made.tensors.length) {
    mismatch(`it has ${read.tensors.length} tensors`);
  }
  for (const [index, tensor] of read.tensors.entries()) {
    const { values } = decodeTensor(tensor);
    const expected = decodeTensor(made.tensors[index]).values;
    const wrong = values.findIndex((value, i) => value !== expected[i]);
    if (values.length !== expected.length || wrong >= 0) {
      mismatch(
        `weight ${wrong} of tensor ${index} is ${values[wrong]}, not ${
          expected[wrong]
        }`,
      );
    }
  }
  return read;
}
