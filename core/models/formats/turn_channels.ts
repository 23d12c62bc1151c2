import type { FloatArray } from "../../files/safetensors.ts";
import type { LayerSpec } from "../layers/layer.ts";
import { REBUILD } from "../layers/parse_keras.ts";
import type { DescribedBox } from "./black_box.ts";
import { hashModel, type LoadedModel } from "./loaded_model.ts";

/** Throws a `SyntaxError`: why the channels that `source` reads can't be turned. */
function refuse(source: string, rule: string): never {
  throw new SyntaxError(`Cannot turn the channels of ${source}: ${rule}`);
}

/** Throws unless a model of `input` reads colours. */
function checkColours(
  [, , channels]: DescribedBox["input"],
  source: string,
): void {
  if (channels > 1) return;
  refuse(source, "it must read colours: it reads 1 channel; leave --bgr out");
}

/** The hash of the model that is `sha256` where red comes first. */
async function turnHash(sha256: string): Promise<string> {
  return await hashModel([new TextEncoder().encode(`${sha256} bgr`)]);
}

/** The black box `box`, whose runtime is given blue first. */
export async function turnBox(box: DescribedBox): Promise<DescribedBox> {
  checkColours(box.input, box.source);
  return { ...box, sha256: await turnHash(box.sha256), bgr: true };
}

/** `values` whose axis `axis` goes by `order`: place i gets what was at `order[i]`. */
function reorder(
  { shape, values }: FloatArray,
  axis: number,
  order: readonly number[],
): FloatArray {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const moved = new Float32Array(values.length);
  for (let to = 0; to < values.length; to += inner) {
    const place = to / inner % order.length;
    const from = to + (order[place] - place) * inner;
    moved.set(values.subarray(from, from + inner), to);
  }
  return { shape, values: moved };
}

/** A model's weights while its channels are turned, layer by layer. */
interface Turning {
  source: string;
  weights: FloatArray[];
  /** Where the next layer's weights stand. */
  next: number;
  /** Where each channel that the next layer reads was; undefined where they are in place. */
  order?: readonly number[];
}

/** Whether what a layer gives of one channel depends on others. */
function mixes({ kind }: LayerSpec): boolean {
  return kind === "conv2d" || kind === "dense";
}

/**
 * Turns what `layer` reads. What it gives is in place if it mixes channels, unless it is
 * `wanted` in another order.
 */
function turnLayer(
  turning: Turning,
  layer: LayerSpec,
  wanted?: readonly number[],
): void {
  const { source, weights, next, order } = turning;
  const change = (place: number, axis: number, by?: readonly number[]) => {
    if (by) weights[place] = reorder(weights[place], axis, by);
  };
  switch (layer.kind) {
    case "conv2d":
    case "dense": {
      // Of a row that was an image: channels lie within each place.
      const axis = layer.kind === "conv2d" ? 2 : 0;
      change(next, axis, order);
      change(next, axis + 1, wanted);
      change(next + 1, 0, wanted);
      turning.order = wanted;
      turning.next += 2;
      return;
    }
    case "depthwiseConv2d": {
      const { multiplier = 1 } = layer;
      turning.next += 2;
      if (!order) return;
      change(next, 2, order);
      turning.order = order.flatMap((from) =>
        Array.from({ length: multiplier }, (_, i) => from * multiplier + i)
      );
      change(next + 1, 0, turning.order);
      return;
    }
    case "residual": {
      const { layers } = layer;
      if (layers.some(({ kind }) => kind === "residual")) {
        return refuse(
          source,
          `layers that are added to pixels must hold no sum themselves: ${layer.name} does; ${REBUILD}`,
        );
      }
      // What is added to them must lie as the pixels do.
      const last = layers.findLastIndex(mixes);
      layers.forEach((each, place) =>
        turnLayer(turning, each, place === last ? order : undefined)
      );
      return;
    }
    case "maxPool2d":
    case "averagePool2d":
    case "globalAveragePool2d":
    case "globalMaxPool2d":
    case "dropout":
    case "flatten":
      return;
    case "softmax":
      return refuse(
        source,
        `channels must be mixed by a convolution or a dense layer first: ${layer.name} comes before; ${REBUILD}`,
      );
    default:
      layer satisfies never;
  }
}

/**
 * A model that was made for images whose last channel comes first, blue, green and red,
 * as one that reads red, green and blue: the rows of its first weights that mix channels
 * are turned round, and what stands before them, channel by channel. Where layers are
 * added to the pixels themselves, what they give is turned too, and the next read it so.
 *
 * Throws a `SyntaxError`, where `source` is its file, if it has one channel, or a sum
 * within layers that are added to pixels.
 */
export async function turnChannels(
  model: LoadedModel,
  source: string,
): Promise<LoadedModel> {
  const { spec } = model;
  checkColours(spec.input, source);
  const channels = spec.input[2];
  const turning: Turning = {
    source,
    weights: [...model.weights],
    next: 0,
    order: Array.from({ length: channels }, (_, i) => channels - 1 - i),
  };
  for (const layer of spec.layers) {
    turnLayer(turning, layer);
    if (turning.order) continue;
    return {
      ...model,
      weights: turning.weights,
      sha256: await turnHash(model.sha256),
      bgr: true,
    };
  }
  return refuse(source, `it must have weights; ${REBUILD}`);
}
