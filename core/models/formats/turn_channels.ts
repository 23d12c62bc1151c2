import type { FloatArray } from "../../files/safetensors.ts";
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

/**
 * A model that was made for images whose last channel comes first, blue, green and red,
 * as one that reads red, green and blue: the rows of its first weights that mix channels
 * are turned round, and what stands before them, channel by channel.
 *
 * Throws a `SyntaxError`, where `source` is its file, if it has one channel, or a sum of
 * layers before the first that mixes channels.
 */
export async function turnChannels(
  model: LoadedModel,
  source: string,
): Promise<LoadedModel> {
  const { spec } = model;
  checkColours(spec.input, source);
  const channels = spec.input[2];
  const turned: LoadedModel = {
    ...model,
    weights: [...model.weights],
    sha256: await turnHash(model.sha256),
    bgr: true,
  };
  const { weights } = turned;
  // Where each channel that a layer reads was, before they were turned.
  let order = Array.from({ length: channels }, (_, i) => channels - 1 - i);
  let next = 0;
  for (const layer of spec.layers) {
    switch (layer.kind) {
      case "conv2d":
        weights[next] = reorder(weights[next], 2, order);
        return turned;
      case "dense":
        // Of a row that was an image: channels lie within each place.
        weights[next] = reorder(weights[next], 0, order);
        return turned;
      case "depthwiseConv2d": {
        const { multiplier = 1 } = layer;
        weights[next] = reorder(weights[next], 2, order);
        order = order.flatMap((from) =>
          Array.from({ length: multiplier }, (_, i) => from * multiplier + i)
        );
        weights[next + 1] = reorder(weights[next + 1], 0, order);
        next += 2;
        break;
      }
      case "maxPool2d":
      case "averagePool2d":
      case "globalAveragePool2d":
      case "globalMaxPool2d":
      case "dropout":
      case "flatten":
        break;
      case "residual":
      case "softmax":
        return refuse(
          source,
          `channels must be mixed by a convolution or a dense layer first: ${layer.name} comes before; ${REBUILD}`,
        );
      default:
        layer satisfies never;
    }
  }
  return refuse(source, `it must have weights; ${REBUILD}`);
}
