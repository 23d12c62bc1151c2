import type { FloatArray } from "../../files/safetensors.ts";
import { type ActivationFields, product } from "../../models/layers/layer.ts";
import { poolWindows } from "../../models/layers/pools.ts";
import {
  type AxisWindows,
  windowSpans,
} from "../../models/layers/window_span.ts";
import {
  countClasses,
  type LayerShape,
  shapeLayers,
} from "../../models/shapes.ts";
import type { LayerSpec, ModelSpec } from "../../models/spec.ts";
import { checkWeights, maySumsOverflow } from "../check_weights.ts";
import type { Step } from "./step.ts";
import {
  makeScratch,
  type Scratch,
  type WeightedSums,
  weightedSums,
} from "./weighted_sums.ts";

/** Windows along rows, and along columns. */
export type Windows = readonly [AxisWindows, AxisWindows];

/**
 * y_{p,c} = max_k x_{p,k,c}, or the mean (1/n) Σ_k x_{p,k,c}, over the n places k of the
 * window at each place p that lie on the image.
 */
function pool(
  kind: "max" | "average",
  [height, width, channels]: readonly number[],
  [down, across]: Windows,
): Step {
  const average = kind === "average";
  return (x, y) => {
    let to = 0;
    for (let i = 0; i < down.count; i++) {
      const top = i * down.stride - down.before;
      const [first, end] = [
        Math.max(0, top),
        Math.min(height, top + down.size),
      ];
      for (let j = 0; j < across.count; j++) {
        const left = j * across.stride - across.before;
        const begin = Math.max(0, left);
        const last = Math.min(width, left + across.size);
        for (let channel = 0; channel < channels; channel++) {
          let value = average ? 0 : -Infinity;
          for (let row = first; row < end; row++) {
            for (let column = begin; column < last; column++) {
              const next = x[(row * width + column) * channels + channel];
              value = average ? value + next : Math.max(value, next);
            }
          }
          y[to++] = average ? value / ((end - first) * (last - begin)) : value;
        }
      }
    }
  };
}

/**
 * y_{p,cm+q} = Σ_k x_{p,k,c} · w_{k,c,q} + b_{cm+q} over the places k of the window at
 * each place p, every channel by itself, relu of it if asked for. Kernel `[rows, columns,
 * channels, m]`. Summed in float64.
 */
function depthwiseSums(
  { input, windows, kernel, bias, relu }: Omit<WeightedSums, "scratch">,
): Step {
  const [height, width, channels] = input;
  const [down, across] = windows;
  const weights = Float64Array.from(kernel);
  const offsets = Float64Array.from(bias);
  const outputs = offsets.length;
  const each = outputs / channels;
  const least = relu ? 0 : -Infinity;
  return (x, y) => {
    let to = 0;
    for (let i = 0; i < down.count; i++) {
      const top = i * down.stride - down.before;
      const lastRow = Math.min(height, top + down.size);
      for (let j = 0; j < across.count; j++) {
        const left = j * across.stride - across.before;
        const last = Math.min(width, left + across.size);
        for (let output = 0; output < outputs; output++) {
          const channel = Math.floor(output / each);
          let sum = offsets[output];
          for (let row = Math.max(0, top); row < lastRow; row++) {
            for (let column = Math.max(0, left); column < last; column++) {
              const tap = (row - top) * across.size + column - left;
              sum += x[(row * width + column) * channels + channel] *
                weights[tap * outputs + output];
            }
          }
          y[to++] = Math.max(least, sum);
        }
      }
    }
  };
}

/** What an activation makes of a sum. */
export type SumFunction = (sum: number) => number;

/** Windows and the kernel that they lie under. */
export interface WindowsAndKernel {
  windows: Windows;
  kernel: Float32Array;
}

/** What only layers need that no file has before version 3. */
export interface WideSteps {
  /** The same windows with their places next to each other, and their kernel. */
  closeWindows(open: WindowsAndKernel): WindowsAndKernel;
  /** What an activation makes of a sum; nothing of a linear one. */
  functionOf(layer: ActivationFields): SumFunction | undefined;
}

export const relu: SumFunction = (sum) => sum < 0 ? 0 : sum;

/** A layer that computes. */
export interface LayerStep {
  run: Step;
  /** Numbers that are added up for one output; 0 for a maximum. */
  terms: number;
  /** What makes the second of two terms, of a layer that holds layers. */
  held?: LayerStep[];
}

/** Layers of a model, ready to run on one image after another. */
export interface DirectSteps {
  /** First to last, without those that only name or reshape. */
  steps: LayerStep[];
  /** Numbers of the largest input or output of a step, held ones too. */
  largest: number;
  /** Numbers of the last output. */
  classes: number;
}

/** The largest float32. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** `run`, where its sums are float32s. */
function checkSums(
  run: Step,
  { name, size }: { name: string; size: number },
): Step {
  return (x, y) => {
    run(x, y);
    for (let i = 0; i < size; i++) {
      if (!(Math.abs(y[i]) <= LARGEST)) {
        throw new RangeError(
          `Cannot classify with ${name}: its sums must be finite in float32: one is ${
            y[i]
          }; train it again, to smaller weights`,
        );
      }
    }
  };
}

/** `run`, and then the activation of `layer` of the `size` numbers that it gives. */
function activate(
  run: Step,
  layer: ActivationFields,
  { size, wide }: { size: number; wide: WideSteps | null },
): Step {
  const activation = layer.activation === "relu"
    ? relu
    : wide?.functionOf(layer);
  if (!activation) return run;
  return (x, y) => {
    run(x, y);
    for (let i = 0; i < size; i++) y[i] = activation(y[i]);
  };
}

/** What steps are made of besides layers. */
interface Parts {
  /** What errors call the model. */
  name: string;
  /** Whether sums may leave float32. */
  careful: boolean;
  /** The shapes of each layer, in turn. */
  nextShape(): LayerShape;
  /** Kernels and biases, in turn. */
  nextWeights(): Float32Array;
  scratch: Scratch;
  wide: WideSteps | null;
}

/** x + held(x), for `size` numbers; held steps give no more than `largest`. */
function addHeld(
  held: LayerStep[],
  { size, largest }: { size: number; largest: number },
): Step {
  const workspace = [new Float64Array(largest), new Float64Array(largest)];
  return (x, y) => {
    let [from, to] = workspace;
    from.set(x.subarray(0, size));
    for (const { run } of held) {
      run(from, to);
      [from, to] = [to, from];
    }
    for (let i = 0; i < size; i++) y[i] = x[i] + from[i];
  };
}

/** Layers one after another. */
interface Row {
  steps: LayerStep[];
  /** The most numbers that one of them, or of those that they hold, reads or gives. */
  largest: number;
}

function prepareRow(layers: readonly LayerSpec[], parts: Parts): Row {
  const row: Row = { steps: [], largest: 0 };
  for (const layer of layers) {
    const held = prepareRow(
      layer.kind === "residual" ? layer.layers : [],
      parts,
    );
    const shape = parts.nextShape();
    const step = prepareStep(layer, shape, held, parts);
    if (step) row.steps.push(step);
    row.largest = Math.max(
      row.largest,
      held.largest,
      product(shape.input),
      product(shape.output),
    );
  }
  return row;
}

/** What `layer` does to what it reads. */
function prepareStep(
  layer: LayerSpec,
  { input, output }: LayerShape,
  held: Row,
  { name, careful, nextWeights, scratch, wide }: Parts,
): LayerStep | undefined {
  const [height, width] = input;
  const size = product(output);
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d":
    case "dense": {
      const [kernel, bias] = [nextWeights(), nextWeights()];
      const row = layer.kind === "dense";
      // A dense layer is a convolution of one window on an image of one pixel.
      const image = row ? [1, 1, height] : input;
      const prepare = layer.kind === "depthwiseConv2d"
        ? depthwiseSums
        : weightedSums;
      // A maximum costs nothing where a sum is made, but hides one that fell to −∞.
      const relu = layer.activation === "relu" && !careful;
      const windows = windowSpans(row ? { size: 1 } : layer, image);
      const sums = prepare({
        input: image,
        ...wide?.closeWindows({ windows, kernel }) ?? { windows, kernel },
        bias,
        relu,
        scratch,
      });
      const checked = careful ? checkSums(sums, { name, size }) : sums;
      const run = relu ? checked : activate(checked, layer, { size, wide });
      return { run, terms: kernel.length / bias.length };
    }
    case "maxPool2d":
    case "averagePool2d": {
      const windows = windowSpans(poolWindows(layer), input);
      const average = layer.kind === "averagePool2d";
      return {
        run: pool(average ? "average" : "max", input, windows),
        terms: average ? windows[0].size * windows[1].size : 0,
      };
    }
    case "globalMaxPool2d":
    case "globalAveragePool2d": {
      const average = layer.kind === "globalAveragePool2d";
      const windows = windowSpans({ size: [height, width] }, input);
      return {
        run: pool(average ? "average" : "max", input, windows),
        terms: average ? height * width : 0,
      };
    }
    case "residual": {
      const { steps, largest } = held;
      const sums = addHeld(steps, { size, largest });
      const checked = careful ? checkSums(sums, { name, size }) : sums;
      const run = activate(checked, layer, { size, wide });
      return { run, terms: 2, held: steps };
    }
    case "flatten":
    case "dropout":
    case "softmax":
      return undefined;
    default:
      return layer satisfies never;
  }
}

/** Numbers of the largest image or row that weighted sums are made of. */
function mostRead(layers: readonly LayerShape[]): number {
  let most = 0;
  for (const { layer, input } of layers) {
    if (layer.kind === "conv2d" || layer.kind === "dense") {
      most = Math.max(most, product(input));
    }
  }
  return most;
}

/**
 * Prepares the layers of `spec` with `weights`, kernel and bias of each in order,
 * up to and without its softmax: one image's pixels → logits. Dropout does nothing.
 * A step throws a `RangeError` where one of its sums leaves float32: looked for only
 * where weights are so large that one may.
 *
 * Throws a `RangeError` where the weights are not those of `spec`, which must be usable.
 */
export function directSteps(
  spec: ModelSpec,
  weights: FloatArray[],
  wide: WideSteps | null,
): DirectSteps {
  checkWeights(spec, weights);
  const layers = shapeLayers(spec);
  let [shapes, arrays] = [0, 0];
  const { steps, largest } = prepareRow(spec.layers, {
    name: spec.name,
    careful: maySumsOverflow(weights),
    nextShape: () => layers[shapes++],
    nextWeights: () => weights[arrays++].values,
    scratch: makeScratch(mostRead(layers)),
    wide,
  });
  return { steps, largest, classes: countClasses(layers) };
}
