import type { FloatArray } from "../files/safetensors.ts";
import * as tf from "../tf.ts";
import type { LayerSpec, ModelSpec } from "./spec.ts";

/** What the layers of both kinds of convolution are told alike. */
function convolutionArguments(
  { size, activation, stride = 1, padding = "valid" }: Extract<
    LayerSpec,
    { kind: "conv2d" | "depthwiseConv2d" }
  >,
) {
  return { kernelSize: size, strides: stride, padding, activation };
}

/** The tfjs layer that `layer` describes. */
function buildLayer(layer: LayerSpec): tf.layers.Layer {
  const { name } = layer;
  switch (layer.kind) {
    case "conv2d":
      return tf.layers.conv2d({
        name,
        filters: layer.filters,
        ...convolutionArguments(layer),
      });
    case "depthwiseConv2d":
      return tf.layers.depthwiseConv2d({
        name,
        ...convolutionArguments(layer),
      });
    case "maxPool2d":
      return tf.layers.maxPooling2d({ name, poolSize: layer.size });
    case "averagePool2d":
      return tf.layers.averagePooling2d({ name, poolSize: layer.size });
    case "globalAveragePool2d":
      return tf.layers.globalAveragePooling2d({ name });
    case "dropout":
      return tf.layers.dropout({ name, rate: layer.rate });
    case "flatten":
      return tf.layers.flatten({ name });
    case "dense":
      return tf.layers.dense({
        name,
        units: layer.units,
        activation: layer.activation,
      });
    case "softmax":
      return tf.layers.softmax({ name });
  }
}

/**
 * A tfjs LayersModel of `spec` with `weights`: `[n, height, width, channels]` →
 * probabilities `[n, classes]`, the logits one layer before. The caller
 * disposes of it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { buildModel } from "./build_model.ts";
 * import { initialWeights } from "./initialise.ts";
 * import { studentSpec } from "./student.ts";
 * import { selectBackend } from "../device/select_backend.ts";
 *
 * await selectBackend("cpu");
 * const spec = studentSpec({ hidden: 2 });
 * const model = buildModel(spec, initialWeights(spec, 1));
 * assertEquals(model.countParams(), 18_816 + 9_227 * 2 + 10);
 * ```
 */
export function buildModel(
  spec: ModelSpec,
  weights: FloatArray[],
): tf.LayersModel {
  const model = tf.sequential({ name: spec.name });
  // Named: tfjs would number it anew in every model, and a saved one's hash with it.
  model.add(tf.layers.inputLayer({
    name: "input1",
    inputShape: [...spec.input],
  }));
  for (const layer of spec.layers) model.add(buildLayer(layer));
  const tensors = weights.map(({ shape, values }) => tf.tensor(values, shape));
  model.setWeights(tensors);
  tf.dispose(tensors);
  return model;
}
