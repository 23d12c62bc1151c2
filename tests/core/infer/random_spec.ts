import { weightShapes } from "../../../core/models/cost.ts";
import {
  type ActivationFields,
  along,
  type Extent,
  type LayerSpec,
  type Padding,
  type WindowFields,
} from "../../../core/models/layers/layer.ts";
import { layerShapes } from "../../../core/models/layers/layers.ts";
import { windowSpans } from "../../../core/models/layers/window_span.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import type { Xoshiro128 } from "../../../core/random/xoshiro128.ts";
import type { FloatArray } from "../../../core/files/safetensors.ts";

/** An activation, mostly the usual one. */
export function drawActivation(random: Xoshiro128): ActivationFields {
  const drawn = random.below(14);
  if (drawn > 6) return { activation: drawn < 9 ? "linear" : "relu" };
  if (drawn === 0) return { activation: "leakyRelu" };
  if (drawn === 1) return { activation: "leakyRelu", slope: 0.2 };
  const others = ["relu6", "elu", "sigmoid", "tanh", "swish"] as const;
  return { activation: others[drawn - 2] };
}

/** Rows and columns up to so many, mostly as many of both. */
function drawExtent(
  random: Xoshiro128,
  [rows, columns]: readonly number[],
): Extent {
  const both = 1 + random.below(Math.min(rows, columns));
  if (random.below(4) > 0) return both;
  const [first, second] = [1 + random.below(rows), 1 + random.below(columns)];
  return first === second ? first : [first, second];
}

/** Windows that fit an image, mostly plain ones. */
function drawWindows(
  random: Xoshiro128,
  [height, width]: readonly number[],
): WindowFields & { dilation?: Extent } {
  const most = [Math.min(4, height), Math.min(4, width)];
  const size = drawExtent(random, most);
  const stride = drawExtent(random, [3, 3]);
  const [rows, columns] = [along(size, 0), along(size, 1)];
  const rule = random.below(5);
  const frame = () =>
    [
      random.below(rows),
      random.below(rows),
      random.below(columns),
      random.below(columns),
    ] as const;
  const padding: Padding = rule === 0 ? frame() : rule < 3 ? "valid" : "same";
  if (random.below(5) > 0) return { size, stride, padding };
  const dilated = { size, padding, dilation: drawExtent(random, [2, 2]) };
  return windowSpans(dilated, [height, width]).every(({ count }) => count > 0)
    ? dilated
    : { size, stride, padding };
}

/** A layer on images that fits one of `shape`, decided by `random`. */
function drawImageLayer(
  random: Xoshiro128,
  name: string,
  shape: readonly number[],
): LayerSpec {
  const activation = drawActivation(random);
  const { dilation, ...windows } = drawWindows(random, shape);
  const convolution = {
    ...windows,
    ...dilation !== undefined && { dilation },
    ...activation,
  };
  const { stride, padding, ...pool } = windows;
  switch (random.below(6)) {
    case 0:
      return { kind: "maxPool2d", name, ...pool };
    case 1:
      return { kind: "averagePool2d", name, ...pool };
    case 2: {
      const kind = random.below(2) === 0 ? "maxPool2d" : "averagePool2d";
      return { kind, name, ...pool, stride: stride ?? 1, padding };
    }
    case 3: {
      const multiplier = 1 + random.below(2);
      return { kind: "depthwiseConv2d", name, ...convolution, multiplier };
    }
    default:
      return {
        kind: "conv2d",
        name,
        filters: 1 + random.below(6),
        ...convolution,
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
    ...drawActivation(random),
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
    ...drawActivation(random),
  };
}

/** Shape of what `layer` makes of an image. */
function shapeAfter(layer: LayerSpec, shape: readonly number[]) {
  const refuse = (rule: string): never => {
    throw new Error(`drew ${JSON.stringify(layer)} for ${shape}: ${rule}`);
  };
  return layerShapes(layer, shape, refuse).output;
}

/** A small model of up to three layers on images, of any kind, then dense ones. */
export function drawSpec(random: Xoshiro128): ModelSpec {
  const side = () => 1 + random.below(9);
  const height = side();
  const width = random.below(3) === 0 ? side() : height;
  const input = [height, width, 1 + random.below(3)] as const;
  const layers: LayerSpec[] = [];
  let shape: readonly number[] = input;
  for (let index = random.below(4); index > 0; index--) {
    const layer = drawImageLayer(random, `image${index}`, shape);
    layers.push(layer);
    shape = shapeAfter(layer, shape);
    if (random.below(5) > 0) continue;
    layers.push(drawResidual(random, `residual${index}`, shape[2]));
  }
  const end = random.below(5);
  layers.push(
    end < 2
      ? { kind: "flatten", name: "flatten" }
      : end < 4
      ? { kind: "globalAveragePool2d", name: "mean" }
      : { kind: "globalMaxPool2d", name: "most" },
  );
  if (random.below(2) === 0) {
    const units = 1 + random.below(7);
    const activation = drawActivation(random);
    layers.push({ kind: "dense", name: "hidden", units, ...activation });
  }
  const units = 1 + random.below(11);
  layers.push(
    { kind: "dense", name: "logits", units, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  );
  return {
    name: "drawn",
    input,
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
