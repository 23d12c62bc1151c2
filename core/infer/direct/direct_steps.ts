import type { FloatArray } from "../../files/safetensors.ts";
import { type LayerCost, modelCost } from "../../models/cost.ts";
import { LEAK } from "../../models/layers/activation.ts";
import { product } from "../../models/layers/layer.ts";
import { windowSpan } from "../../models/layers/window_span.ts";
import type { Activation, LayerSpec, ModelSpec } from "../../models/spec.ts";
import { checkWeights, maySumsOverflow } from "../check_weights.ts";
import type { Step } from "./step.ts";
import {
  makeScratch,
  type Scratch,
  type WeightedSums,
  weightedSums,
} from "./weighted_sums.ts";

/**
 * y_{p,c} = max_k x_{p,k,c}, or the mean (1/n) Σ_k x_{p,k,c}, over the n places k
 * of the window at each place p. Windows of `[rows, columns]` lie side by side on
 * images `[h, w, c]`; what is over at the far edges is dropped.
 */
function pool(
  kind: "max" | "average",
  [height, width, channels]: readonly number[],
  [rows, columns]: readonly [number, number],
): Step {
  const down = Math.floor(height / rows);
  const across = Math.floor(width / columns);
  const size = rows * columns;
  const places = Int32Array.from(
    { length: size },
    (_, k) => (Math.floor(k / columns) * width + k % columns) * channels,
  );
  const average = kind === "average";
  return (x, y) => {
    let to = 0;
    for (let i = 0; i < down; i++) {
      for (let j = 0; j < across; j++) {
        const corner = (i * rows * width + j * columns) * channels;
        for (let from = corner; from < corner + channels; from++) {
          let value = x[from];
          for (let k = 1; k < size; k++) {
            const next = x[from + places[k]];
            value = average ? value + next : Math.max(value, next);
          }
          y[to++] = average ? value / size : value;
        }
      }
    }
  };
}

/**
 * y_{p,c} = Σ_k x_{p,k,c} · w_{k,c} + b_c over the places k of the window at each
 * place p, every channel by itself, relu of it if asked for. Kernel
 * `[size, size, channels, 1]`. Summed in float64.
 */
function depthwiseSums(
  { input, size, stride, spans, kernel, bias, relu }: Omit<
    WeightedSums,
    "scratch"
  >,
): Step {
  const [height, width, channels] = input;
  const [down, across] = spans;
  const weights = Float64Array.from(kernel);
  const offsets = Float64Array.from(bias);
  const least = relu ? 0 : -Infinity;
  return (x, y) => {
    let to = 0;
    for (let i = 0; i < down.count; i++) {
      const top = i * stride - down.before;
      const lastRow = Math.min(height, top + size);
      for (let j = 0; j < across.count; j++) {
        const left = j * stride - across.before;
        const last = Math.min(width, left + size);
        for (let channel = 0; channel < channels; channel++) {
          let sum = offsets[channel];
          for (let row = Math.max(0, top); row < lastRow; row++) {
            for (let column = Math.max(0, left); column < last; column++) {
              const tap = (row - top) * size + column - left;
              sum += x[(row * width + column) * channels + channel] *
                weights[tap * channels + channel];
            }
          }
          y[to++] = Math.max(least, sum);
        }
      }
    }
  };
}

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

/** What `activation` leaves of a number below 0. */
function slopeOf(activation: Activation): number {
  switch (activation) {
    case "linear":
      return 1;
    case "relu":
      return 0;
    case "leakyRelu":
      return LEAK;
    default:
      return activation satisfies never;
  }
}

/** `run`, and then `activation` of the `size` numbers that it gives. */
function activate(run: Step, activation: Activation, size: number): Step {
  const slope = slopeOf(activation);
  if (slope === 1) return run;
  return (x, y) => {
    run(x, y);
    for (let i = 0; i < size; i++) {
      if (y[i] < 0) y[i] = slope * y[i] + 0; // Where that is −0, 0.
    }
  };
}

/** What steps are made of besides layers. */
interface Parts {
  /** What errors call the model. */
  name: string;
  /** Whether sums may leave float32. */
  careful: boolean;
  /** What each layer costs, in turn. */
  nextCost(): LayerCost;
  /** Kernels and biases, in turn. */
  nextWeights(): Float32Array;
  scratch: Scratch;
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
    const cost = parts.nextCost();
    const step = prepareStep(layer, cost, held, parts);
    if (step) row.steps.push(step);
    row.largest = Math.max(
      row.largest,
      held.largest,
      product(cost.input),
      product(cost.output),
    );
  }
  return row;
}

/** What `layer` does to what it reads. */
function prepareStep(
  layer: LayerSpec,
  { input, output }: LayerCost,
  held: Row,
  { name, careful, nextWeights, scratch }: Parts,
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
      const { size: window, stride = 1, padding } = row ? { size: 1 } : layer;
      const image = row ? [1, 1, height] : input;
      const prepare = layer.kind === "depthwiseConv2d"
        ? depthwiseSums
        : weightedSums;
      const { activation } = layer;
      // A maximum costs nothing where a sum is made, but hides one that fell to −∞.
      const relu = activation === "relu" && !careful;
      const sums = prepare({
        input: image,
        size: window,
        stride,
        spans: [
          windowSpan(image[0], window, stride, padding),
          windowSpan(image[1], window, stride, padding),
        ],
        kernel,
        bias,
        relu,
        scratch,
      });
      const checked = careful ? checkSums(sums, { name, size }) : sums;
      const run = relu ? checked : activate(checked, activation, size);
      return { run, terms: kernel.length / bias.length };
    }
    case "maxPool2d":
      return { run: pool("max", input, [layer.size, layer.size]), terms: 0 };
    case "averagePool2d":
    case "globalAveragePool2d": {
      const [rows, columns] = layer.kind === "averagePool2d"
        ? [layer.size, layer.size]
        : [height, width];
      const run = pool("average", input, [rows, columns]);
      return { run, terms: rows * columns };
    }
    case "residual": {
      const { steps, largest } = held;
      const sums = addHeld(steps, { size, largest });
      const checked = careful ? checkSums(sums, { name, size }) : sums;
      const run = activate(checked, layer.activation, size);
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
function mostRead(layers: readonly LayerCost[]): number {
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
 * Throws a `RangeError` where the spec is unusable, or the weights are not its.
 */
export function directSteps(
  spec: ModelSpec,
  weights: FloatArray[],
): DirectSteps {
  checkWeights(spec, weights);
  const { layers } = modelCost(spec);
  let [costs, arrays] = [0, 0];
  const { steps, largest } = prepareRow(spec.layers, {
    name: spec.name,
    careful: maySumsOverflow(weights),
    nextCost: () => layers[costs++],
    nextWeights: () => weights[arrays++].values,
    scratch: makeScratch(mostRead(layers)),
  });
  return { steps, largest, classes: product(layers[layers.length - 1].output) };
}
