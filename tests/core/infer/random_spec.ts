import { weightShapes } from "../../../core/models/cost.ts";
import type {
  Activation,
  LayerSpec,
  ModelSpec,
} from "../../../core/models/spec.ts";
import type { Xoshiro128 } from "../../../core/random/xoshiro128.ts";
import type { FloatArray } from "../../../core/files/safetensors.ts";

/** An activation, mostly the usual one. */
function drawActivation(random: Xoshiro128): Activation {
  const drawn = random.below(6);
  return drawn === 0 ? "leakyRelu" : drawn < 3 ? "linear" : "relu";
}

/** A layer on images that fits `extent`, decided by `random`. */
function drawImageLayer(
  random: Xoshiro128,
  name: string,
  extent: number,
): LayerSpec {
  const activation = drawActivation(random);
  const padding = random.below(2) === 0 ? "valid" : "same";
  const size = 1 + random.below(Math.min(4, extent));
  const stride = 1 + random.below(3);
  switch (random.below(5)) {
    case 0:
      return { kind: "maxPool2d", name, size };
    case 1:
      return { kind: "averagePool2d", name, size };
    case 2:
      return {
        kind: "depthwiseConv2d",
        name,
        size,
        stride,
        padding,
        activation,
      };
    default:
      return {
        kind: "conv2d",
        name,
        filters: 1 + random.below(6),
        size,
        stride,
        padding,
        activation,
      };
  }
}

/** Two convolutions, or one, added to an image of `channels`; they may be within another such layer. */
function drawResidual(
  random: Xoshiro128,
  name: string,
  channels: number,
): LayerSpec {
  const convolve = (place: number, filters: number): LayerSpec => ({
    kind: "conv2d",
    name: `${name}-${place}`,
    filters,
    size: 1 + 2 * random.below(2),
    padding: "same",
    activation: drawActivation(random),
  });
  const deep = random.below(4) === 0;
  return {
    kind: "residual",
    name,
    layers: [
      convolve(1, deep ? channels : 1 + random.below(4)),
      ...(deep ? [drawResidual(random, `${name}-2`, channels)] : []),
      convolve(3, channels),
    ],
    activation: drawActivation(random),
  };
}

/** Channels of what `layers` make of an image. */
function channelsAfter(channels: number, layers: LayerSpec[]): number {
  return layers.reduce(
    (before, layer) => layer.kind === "conv2d" ? layer.filters : before,
    channels,
  );
}

/** Rows and columns of what `layers` make of a square image of `side`. */
function extentAfter(side: number, layers: LayerSpec[]): number {
  return layers.reduce((extent, layer) => {
    if (!("size" in layer)) return extent;
    if (layer.kind === "maxPool2d" || layer.kind === "averagePool2d") {
      return Math.floor(extent / layer.size);
    }
    return layer.padding === "same"
      ? Math.ceil(extent / (layer.stride ?? 1))
      : Math.floor((extent - layer.size) / (layer.stride ?? 1)) + 1;
  }, side);
}

/** A small model of up to three layers on images, of any kind, then dense ones. */
export function drawSpec(random: Xoshiro128): ModelSpec {
  const side = 1 + random.below(9);
  const channels = 1 + random.below(3);
  const layers: LayerSpec[] = [];
  for (let index = random.below(4); index > 0; index--) {
    const extent = extentAfter(side, layers);
    layers.push(drawImageLayer(random, `image${index}`, extent));
    if (random.below(5) > 0) continue;
    const read = channelsAfter(channels, layers);
    layers.push(drawResidual(random, `residual${index}`, read));
  }
  layers.push(
    random.below(2) === 0
      ? { kind: "flatten", name: "flatten" }
      : { kind: "globalAveragePool2d", name: "mean" },
  );
  if (random.below(2) === 0) {
    const units = 1 + random.below(7);
    const activation = drawActivation(random);
    layers.push({ kind: "dense", name: "hidden", units, activation });
  }
  const units = 1 + random.below(11);
  layers.push(
    { kind: "dense", name: "logits", units, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  );
  return {
    name: "drawn",
    input: [side, side, channels],
    layers,
  };
}

/** Weights from −1 to 1 for `spec`, a third of them 0. */
export function drawWeights(random: Xoshiro128, spec: ModelSpec): FloatArray[] {
  return weightShapes(spec).map((shape) => ({
    shape,
    values: Float32Array.from(
      { length: shape.reduce((a, b) => a * b) },
      () => random.below(3) === 0 ? 0 : 2 * random.uniform() - 1,
    ),
  }));
}
