import type { FloatArray } from "../files/safetensors.ts";
import * as tf from "../tf.ts";
import { ACTIVATIONS } from "./layers/activation.ts";
import type { LayerForms, LayerKind } from "./layers/layer.ts";
import { LAYER_FORMS } from "./layers/layer_forms.ts";
import type { LayerSpec, ModelSpec } from "./spec.ts";

/** The layers that tfjs has, by Keras' names. */
const { classNameMap } = tf.serialization.SerializationMap.getMap();

/** The tfjs layer that `layer` describes, which holds no layers. */
function buildLayer<K extends LayerKind>(layer: LayerSpec<K>): tf.layers.Layer {
  const { keras }: LayerForms<K> = LAYER_FORMS[layer.kind];
  const [constructor, fromConfig] = classNameMap[keras?.className ?? ""];
  const built = fromConfig(constructor, {
    name: layer.name,
    ...keras?.configure(layer),
  });
  if (built instanceof tf.layers.Layer) return built;
  throw new TypeError(`Cannot build ${layer.name}: tfjs has no ${layer.kind}`);
}

/** What tfjs' layers for `layers` make of `x`; of residual ones, sums. */
function applyLayers(
  layers: readonly LayerSpec[],
  x: tf.SymbolicTensor,
): tf.SymbolicTensor {
  for (const layer of layers) {
    if (layer.kind !== "residual") {
      x = apply(buildLayer(layer), x);
      continue;
    }
    const { name, activation } = layer;
    x = apply(tf.layers.add({ name }), [x, applyLayers(layer.layers, x)]);
    if (activation === "linear") continue;
    const { keras } = ACTIVATIONS[activation];
    x = apply(
      tf.layers.activation({ name: `${name}_${keras}`, activation: keras }),
      x,
    );
  }
  return x;
}

/** The output of a layer that has one. */
function apply(
  layer: tf.layers.Layer,
  x: tf.SymbolicTensor | tf.SymbolicTensor[],
): tf.SymbolicTensor {
  const y = layer.apply(x);
  if (y instanceof tf.SymbolicTensor) return y;
  throw new TypeError(`Cannot build ${layer.name}: it must have one output`);
}

/** The model without weights: layers in a row, or a graph where some are added to what they read. */
function buildLayers(spec: ModelSpec): tf.LayersModel {
  // Named: tfjs would number it anew in every model, and a saved one's hash with it.
  const name = "input1";
  if (spec.layers.some(({ kind }) => kind === "residual")) {
    const inputs = tf.input({ name, shape: [...spec.input] });
    const outputs = applyLayers(spec.layers, inputs);
    return tf.model({ name: spec.name, inputs, outputs });
  }
  const model = tf.sequential({ name: spec.name });
  model.add(tf.layers.inputLayer({ name, inputShape: [...spec.input] }));
  for (const layer of spec.layers) model.add(buildLayer(layer));
  return model;
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
  const model = buildLayers(spec);
  const tensors = weights.map(({ shape, values }) => tf.tensor(values, shape));
  model.setWeights(tensors);
  tf.dispose(tensors);
  return model;
}
