import { weightShapes } from "../../../core/models/cost.ts";
import { listLayers } from "../../../core/models/layers/layers.ts";
import type {
  ActivationFields,
  LayerSpec,
} from "../../../core/models/layers/layer.ts";
import { layerShapes } from "../../../core/models/layers/layers.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import type { EncodedModel } from "../../../core/infer/encoded_tensor.ts";
import type { Xoshiro128 } from "../../../core/random/xoshiro128.ts";
import { drawSpec } from "../infer/random_spec.ts";

/** A rounding, with one shift or one for each channel, of either sign or none. */
function drawRounding(random: Xoshiro128, channels: number): ActivationFields {
  const shift = () => random.below(10);
  const drawn = random.below(4);
  return {
    activation: "round",
    shift: random.below(4) === 0
      ? Array.from({ length: channels }, shift)
      : shift(),
    ...random.below(3) === 0 && { bits: 1 + random.below(8) },
    ...drawn === 0 && { slope: 1 },
    ...drawn === 1 && { slope: 2 ** -(1 + random.below(7)) },
  };
}

/** What `layer` is in a model of integers; `shape` is that of what it reads. */
function toIntegers(
  random: Xoshiro128,
  layer: LayerSpec,
  shape: readonly number[],
): LayerSpec {
  const channels = layerShapes(layer, shape, (rule) => {
    throw new Error(rule);
  }).output.at(-1) ?? 1;
  const rounding = drawRounding(random, channels);
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d":
    case "dense": {
      const { activation: _, slope: __, ...rest } = layer;
      return { ...rest, ...rounding };
    }
    case "averagePool2d":
      return { ...layer, ...rounding };
    case "globalAveragePool2d":
      return random.below(3) === 0
        ? { ...layer, activation: "linear" }
        : { ...layer, ...rounding };
    case "residual": {
      const { activation: _, slope: __, ...rest } = layer;
      const layers = layer.layers.map((each, i) => {
        const held = toIntegers(random, each, shape);
        const last = i === layer.layers.length - 1 && held.kind === "conv2d";
        const { shift: _, bits: __, slope: ___, ...sums } = last ? held : {
          ...layer,
        };
        return last && random.below(2) === 0 && "filters" in sums
          ? { ...sums, activation: "linear" as const }
          : held;
      });
      const lift = random.below(6);
      return { ...rest, ...rounding, layers, ...lift > 0 && { lift } };
    }
    case "maxPool2d":
    case "globalMaxPool2d":
    case "flatten":
    case "dropout":
    case "softmax":
      return layer;
    default:
      return layer satisfies never;
  }
}

/** A small model of integers of up to three layers on images, of any kind, then dense ones. */
export function drawIntegerSpec(random: Xoshiro128): ModelSpec {
  const spec = drawSpec(random);
  const layers: LayerSpec[] = [];
  let shape: readonly number[] = spec.input;
  for (const layer of spec.layers.slice(0, -2)) {
    layers.push(toIntegers(random, layer, shape));
    shape = layerShapes(layer, shape, (rule) => {
      throw new Error(rule);
    }).output;
  }
  const shift = random.below(12);
  const last = layers.at(-1);
  if (last?.kind === "globalAveragePool2d" && random.below(2) === 0) {
    const { kind, name } = last;
    layers[layers.length - 1] = { kind, name, activation: "linear", shift };
  } else {
    const units = 1 + random.below(11);
    layers.push({
      kind: "dense",
      name: "logits",
      units,
      activation: "linear",
      shift,
    });
  }
  layers.push({ kind: "softmax", name: "softmax" });
  return { name: "integers", input: spec.input, layers };
}

/** Levels of few bits for `spec`, and biases of more; a few of the latter beyond a byte. */
export function drawIntegers(
  random: Xoshiro128,
  spec: ModelSpec,
): EncodedModel {
  const wide = random.below(3) === 0;
  return {
    spec,
    labels: [],
    tensors: weightShapes(spec).map((shape) => {
      const count = shape.reduce((a, b) => a * b);
      if (shape.length === 1 && wide) {
        const values = Float32Array.from(
          { length: count },
          () => random.below(20_000) - 10_000,
        );
        return { kind: "float", shape, bits: 32, values };
      }
      const bits = shape.length === 1
        ? 6 + random.below(3)
        : 1 + random.below(8);
      const scale = Float32Array.of(
        shape.length === 1 ? 2 ** random.below(6) : 1,
      );
      const levels = Int8Array.from(
        { length: count },
        () =>
          bits === 1
            ? 2 * random.below(2) - 1
            : random.below(3) === 0
            ? 0
            : random.below(2 ** bits) - 2 ** (bits - 1),
      );
      return { kind: "uniform", shape, bits, scale, levels };
    }),
  };
}

/** Kinds and activations of all layers of `spec`. */
export function kindsOf(spec: ModelSpec): string[] {
  return listLayers(spec.layers).map((layer) =>
    `${layer.kind} ${"activation" in layer ? layer.activation ?? "" : ""}`
  );
}
