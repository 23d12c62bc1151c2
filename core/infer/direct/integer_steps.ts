import type { FloatArray } from "../../files/safetensors.ts";
import {
  boundIntegers,
  halfOf,
  mostOf,
  shiftOf,
} from "../../models/integer.ts";
import { type ActivationFields, product } from "../../models/layers/layer.ts";
import { poolWindows } from "../../models/layers/pools.ts";
import {
  type AxisWindows,
  windowSpans,
} from "../../models/layers/window_span.ts";
import { type LayerShape, shapeLayers } from "../../models/shapes.ts";
import type { LayerSpec, ModelSpec } from "../../models/spec.ts";
import { checkWeights } from "../check_weights.ts";
import { classifyLogits } from "../classification.ts";
import { countImages, type Images } from "../count_images.ts";
import type { DirectModel } from "../prepare_model.ts";

/** One layer made ready: reads one image's `x`, `[…input]`, and fills `y`, `[…output]`. */
type IntegerStep = (x: Int32Array, y: Int32Array) => void;

/** What windows are summed with. */
interface Sums {
  /** `[places, c, n]`, n numbers for each that is read; without it the largest is taken. */
  kernel?: Int32Array;
  /** `[f]`. */
  bias: Int32Array;
  /** Whether each channel is summed by itself. */
  alone: boolean;
}

/**
 * y_{p,f} = b_f + Σ_{k,c} x_{p,k,c} · w_{k,c,f} over the places k of the window at each
 * place p that lie on the image, all channels c or each by itself; or the largest
 * x_{p,k,f}. Numbers that are 0 cost nothing.
 */
function sumWindows(
  [height, width, channels]: readonly number[],
  [down, across]: readonly [AxisWindows, AxisWindows],
  { kernel, bias, alone }: Sums,
): IntegerStep {
  const outputs = bias.length;
  const each = alone ? outputs / channels : outputs;
  return (x, y) => {
    let to = 0;
    for (let i = 0; i < down.count; i++) {
      for (let j = 0; j < across.count; j++, to += outputs) {
        for (let f = 0; f < outputs; f++) y[to + f] = bias[f];
        for (let r = 0; r < down.size; r++) {
          const row = i * down.stride + r * down.dilation - down.before;
          if (row < 0 || row >= height) continue;
          for (let s = 0; s < across.size; s++) {
            const column = j * across.stride + s * across.dilation -
              across.before;
            if (column < 0 || column >= width) continue;
            const from = (row * width + column) * channels;
            let at = (r * across.size + s) * channels * each;
            for (let channel = 0; channel < channels; channel++, at += each) {
              const value = x[from + channel];
              if (!kernel) {
                if (value > y[to + channel]) y[to + channel] = value;
              } else if (value !== 0) {
                const first = alone ? to + channel * each : to;
                for (let f = 0; f < each; f++) {
                  y[first + f] += value * kernel[at + f];
                }
              }
            }
          }
        }
      }
    }
  };
}

/** `run`, and then the rounding of `layer`, if it has one, of the `size` numbers that it gives. */
function follow(
  run: IntegerStep,
  layer: Partial<ActivationFields>,
  { size, channels }: { size: number; channels: number },
): IntegerStep {
  if (layer.activation !== "round") return run;
  const most = mostOf(layer);
  const { slope = 0 } = layer;
  const least = slope && -most;
  const more = slope && -Math.log2(slope);
  const shifts = Int32Array.from(
    { length: channels },
    (_, channel) => shiftOf(layer, channel),
  );
  const above = shifts.map(halfOf);
  const below = shifts.map((shift) => halfOf(shift + more));
  return (x, y) => {
    run(x, y);
    for (let i = 0; i < size; i++) {
      const channel = i % channels;
      const shift = shifts[channel];
      const value = y[i] < 0
        ? (y[i] + below[channel]) >> (shift + more)
        : (y[i] + above[channel]) >> shift;
      y[i] = value < least ? least : value > most ? most : value;
    }
  };
}

/** What `steps` make, one after another, of what lies in the first of two places. */
function runRow(
  steps: readonly IntegerStep[],
  [x, y]: readonly [Int32Array, Int32Array],
): Int32Array {
  for (const run of steps) {
    run(x, y);
    [x, y] = [y, x];
  }
  return x;
}

/**
 * Makes a model of integers ready to classify: its layers, up to and without the softmax,
 * in int32. Its logits are those of every backend, to the last bit.
 *
 * Throws a `RangeError` where the weights are not those of `spec`, which must be usable, or
 * a sum could reach 2^24.
 */
export function prepareIntegers(
  spec: ModelSpec,
  weights: FloatArray[],
  labels: string[],
): DirectModel {
  checkWeights(spec, weights);
  boundIntegers(spec, weights);
  const shapes = shapeLayers(spec);
  const largest = shapes.reduce(
    (most, { output }) => Math.max(most, product(output)),
    product(spec.input),
  );
  const makeRoom = () =>
    [new Int32Array(largest), new Int32Array(largest)] as const;
  const nextShape: Iterator<LayerShape> = shapes.values();
  const arrays = weights.map(({ values }) => Int32Array.from(values)).values();
  let [classes, shift] = [0, 0];
  const prepare = (layer: LayerSpec): IntegerStep[] => {
    const held = layer.kind === "residual" ? layer.layers.flatMap(prepare) : [];
    const { input, output }: LayerShape = nextShape.next().value;
    const size = product(output);
    const channels = output[output.length - 1];
    const places = { size, channels };
    switch (layer.kind) {
      case "conv2d":
      case "depthwiseConv2d":
      case "dense": {
        const row = layer.kind === "dense";
        // A dense layer is a convolution of one window on an image of one pixel.
        const image = row ? [1, 1, input[0]] : input;
        const windows = windowSpans(row ? { size: 1 } : layer, image);
        const [kernel, bias] = [arrays.next().value, arrays.next().value];
        if (!bias) return [];
        [classes, shift] = [size, shiftOf(layer, 0)];
        const alone = layer.kind === "depthwiseConv2d";
        const sums = sumWindows(image, windows, { kernel, bias, alone });
        return [follow(sums, layer, places)];
      }
      case "maxPool2d":
      case "averagePool2d":
      case "globalMaxPool2d":
      case "globalAveragePool2d": {
        const whole = { size: [input[0], input[1]] } as const;
        const windows = windowSpans(
          "size" in layer ? poolWindows(layer) : whole,
          input,
        );
        const isMost = layer.kind === "maxPool2d" ||
          layer.kind === "globalMaxPool2d";
        const bias = new Int32Array(channels);
        const sums: Sums = { bias, alone: true };
        if (isMost) bias.fill(-(2 ** 31));
        else {
          sums.kernel = new Int32Array(
            windows[0].size * windows[1].size * channels,
          ).fill(1);
          [classes, shift] = [size, shiftOf(layer, 0)];
        }
        const run = sumWindows(input, windows, sums);
        return [isMost ? run : follow(run, layer, places)];
      }
      case "residual": {
        const [room, spare] = makeRoom();
        const { lift = 0 } = layer;
        const sums: IntegerStep = (x, y) => {
          room.set(x.subarray(0, size));
          const added = runRow(held, [room, spare]);
          for (let i = 0; i < size; i++) y[i] = (x[i] << lift) + added[i];
        };
        return [follow(sums, layer, places)];
      }
      case "flatten":
      case "dropout":
      case "softmax":
        return [];
      default:
        return layer satisfies never;
    }
  };
  const steps = spec.layers.flatMap(prepare);
  const [room, spare] = makeRoom();
  const step = 2 ** -shift;
  return {
    spec,
    labels,
    classify(images) {
      const count = countImages(spec, images);
      const size = images.length / count;
      const pixels = readBytes(images);
      const logits = new Float32Array(count * classes);
      for (let image = 0; image < count; image++) {
        room.set(pixels.subarray(image * size, (image + 1) * size));
        const sums = runRow(steps, [room, spare]);
        for (let f = 0; f < classes; f++) {
          logits[image * classes + f] = sums[f] * step;
        }
      }
      return classifyLogits(logits, classes);
    },
  };
}

/** Pixels as a model of integers reads them: of numbers in [0, 1] the nearest 255ths, by steps in float32 as others take. */
export function readBytes(images: Images): Uint8Array {
  if (images instanceof Uint8Array) return images;
  return Uint8Array.from(images, (pixel) => {
    const scaled = Math.fround(Math.fround(pixel * 255) + 0.5);
    return Math.min(255, Math.max(0, Math.floor(scaled)));
  });
}
