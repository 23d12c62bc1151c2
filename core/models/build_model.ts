import type { FloatArray } from "../files/safetensors.ts";
import * as tf from "../tf.ts";
import { ACTIVATION_FORMS, LEAK } from "./layers/activation.ts";
import type {
  ActivationFields,
  LayerForms,
  LayerKind,
} from "./layers/layer.ts";
import { isNeverNegative } from "./layers/is_never_negative.ts";
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

function refuseRounding(name: string): never {
  throw new RangeError(
    `Cannot build ${name} as a layer of tfjs: what follows its sums must be one of tfjs's activations: it is a rounding; keep the model as a .dram, or export it to onnx or c`,
  );
}

/** The tfjs layers, of their own, that follow the sums of the layer called `name`. */
function buildActivation(
  name: string,
  { activation, slope = LEAK }: ActivationFields,
): tf.layers.Layer[] {
  if (activation === "linear") return [];
  if (activation === "round") refuseRounding(name);
  const named = `${name}_${activation}`;
  return activation === "leakyRelu"
    ? [tf.layers.leakyReLU({ name: named, alpha: slope })]
    : [tf.layers.activation({ name: named, activation })];
}

/**
 * The tfjs layer of the zeros around what `layer` reads, where it says how many. A pool
 * there has none of its own: zeros are no more than maxima of what is `neverNegative`.
 */
function buildFrame(
  layer: LayerSpec,
  { neverNegative }: { neverNegative: boolean },
): tf.layers.Layer[] {
  if (!("padding" in layer) || typeof layer.padding !== "object") return [];
  const [top, bottom, left, right] = layer.padding;
  if (
    layer.kind === "averagePool2d" ||
    (layer.kind === "maxPool2d" && !neverNegative)
  ) {
    throw new RangeError(
      `Cannot build ${layer.name} as a layer of tfjs: a pool there must have padding "valid" or "same", or be a maximum behind a relu: its own is ${
        layer.padding.join(" ")
      }; keep the model as a .dram or in its own format`,
    );
  }
  const padding: [[number, number], [number, number]] = [
    [top, bottom],
    [left, right],
  ];
  return [tf.layers.zeroPadding2d({ name: `${layer.name}_frame`, padding })];
}

/**
 * The tfjs layers for the one at `place` of `layers`, which holds none: more where its
 * activation is one there, or its frame.
 */
function buildRow(
  layers: readonly LayerSpec[],
  place: number,
): tf.layers.Layer[] {
  const layer = layers[place];
  const neverNegative = isNeverNegative(layers.slice(0, place));
  if ("shift" in layer) refuseRounding(layer.name);
  const built = [...buildFrame(layer, { neverNegative }), buildLayer(layer)];
  if (!("activation" in layer) || !layer.activation) return built;
  const { activation, slope } = layer;
  return ACTIVATION_FORMS[activation].layer
    ? [...built, ...buildActivation(layer.name, { activation, slope })]
    : built;
}

/** What tfjs' layers for `layers` make of `x`; of residual ones, sums. */
function applyLayers(
  layers: readonly LayerSpec[],
  x: tf.SymbolicTensor,
): tf.SymbolicTensor {
  for (const [place, layer] of layers.entries()) {
    if (layer.kind !== "residual") {
      x = buildRow(layers, place).reduce((read, each) => apply(each, read), x);
      continue;
    }
    const sum = apply(tf.layers.add({ name: layer.name }), [
      x,
      applyLayers(layer.layers, x),
    ]);
    x = buildActivation(layer.name, layer)
      .reduce((read, each) => apply(each, read), sum);
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
  spec.layers.forEach((_, place) => {
    for (const layer of buildRow(spec.layers, place)) model.add(layer);
  });
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
