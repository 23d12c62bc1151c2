import type { EncodedModel } from "../../../../core/infer/encoded_tensor.ts";
import { classCount, weightShapes } from "../../../../core/models/cost.ts";
import type { LayerSpec, ModelSpec } from "../../../../core/models/spec.ts";
import type { Xoshiro128 } from "../../../../core/random/xoshiro128.ts";
import { drawTensor } from "../fuzz/draw_model.ts";

/** What versions 1 and 2 can say behind sums. */
const drawActivation = (random: Xoshiro128) =>
  random.below(2) === 0 ? "linear" : "relu";

/** What a residual layer holds among images of `channels`, or among rows of so many. */
function drawResidual(
  random: Xoshiro128,
  { name, channels, isRow }: { name: string; channels: number; isRow: boolean },
): LayerSpec {
  const held = (place: number): LayerSpec => {
    const inner = `${name}-${place}`;
    const activation = drawActivation(random);
    if (place < 2 && random.below(4) === 0) {
      return drawResidual(random, { name: inner, channels, isRow });
    }
    if (isRow) {
      return { kind: "dense", name: inner, units: channels, activation };
    }
    const size = 1 + 2 * random.below(2);
    const windows = { size, padding: "same", activation } as const;
    return random.below(3) === 0
      ? { kind: "depthwiseConv2d", name: inner, ...windows }
      : { kind: "conv2d", name: inner, filters: channels, ...windows };
  };
  const layers = Array.from(
    { length: 1 + random.below(2) },
    (_, place) => held(place),
  );
  return { kind: "residual", name, layers, activation: drawActivation(random) };
}

/** A small model that version 1 can say or, with residual layers, version 2. */
export function drawPlainModel(random: Xoshiro128): EncodedModel {
  const input = [0, 0, 0].map(() => 1 + random.below(7)) as [
    number,
    number,
    number,
  ];
  let [height, width, channels] = input;
  const layers: LayerSpec[] = [];
  const hasResiduals = random.below(4) > 0;
  for (let place = random.below(4); place > 0; place--) {
    const name = `image${place}`;
    const activation = drawActivation(random);
    const windows = {
      size: 1 + random.below(5),
      stride: 1 + random.below(2),
      padding: "same",
      activation,
    } as const;
    const kind = random.below(hasResiduals ? 5 : 3);
    if (kind > 2) {
      layers.push(drawResidual(random, { name, channels, isRow: false }));
      continue;
    }
    let { stride } = windows;
    if (kind === 0) {
      channels = 1 + random.below(5);
      layers.push({ kind: "conv2d", name, filters: channels, ...windows });
    } else if (kind === 1) {
      layers.push({ kind: "depthwiseConv2d", name, ...windows });
    } else {
      const kind = random.below(2) === 0 ? "maxPool2d" : "averagePool2d";
      stride = Math.min(2, height, width);
      layers.push({ kind, name, size: stride });
      [height, width] = [height, width].map((extent) =>
        Math.floor(extent / stride)
      );
      continue;
    }
    [height, width] = [height, width].map((extent) =>
      Math.ceil(extent / stride)
    );
  }
  const isFlat = random.below(2) === 0;
  layers.push({
    kind: isFlat ? "flatten" : "globalAveragePool2d",
    name: "row",
  });
  if (isFlat) channels *= height * width;
  if (hasResiduals && channels < 12) {
    layers.push(
      drawResidual(random, { name: "rows", channels, isRow: true }),
    );
  }
  const units = 1 + random.below(12);
  const logits = { kind: "dense", name: "logits", units } as const;
  layers.push(
    { ...logits, activation: drawActivation(random) },
    { kind: "softmax", name: "softmax" },
  );
  const spec: ModelSpec = { name: "plain", input, layers };
  return {
    spec,
    labels: Array.from({ length: classCount(spec) }, (_, index) => `${index}é`),
    tensors: weightShapes(spec).map((shape) => drawTensor(random, shape)),
  };
}
