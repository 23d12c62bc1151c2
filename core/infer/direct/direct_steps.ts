import type { FloatArray } from "../../files/safetensors.ts";
import { type LayerCost, modelCost } from "../../models/cost.ts";
import type { ModelSpec } from "../../models/spec.ts";
import { windowSpan } from "../../models/window_span.ts";
import { checkWeights, maySumsOverflow } from "../check_weights.ts";
import { depthwiseSums } from "./depthwise_sums.ts";
import { pool } from "./pool.ts";
import type { Step } from "./step.ts";
import { makeScratch, type Scratch, weightedSums } from "./weighted_sums.ts";

function count(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b);
}

/** A layer that computes. */
export interface LayerStep {
  run: Step;
  /** Numbers that are added up for one output; 0 for a maximum. */
  terms: number;
}

/** Layers of a model, ready to run on one image after another. */
export interface DirectSteps {
  /** First to last, without those that only name or reshape. */
  steps: LayerStep[];
  /** Numbers of the largest input or output of a step. */
  largest: number;
  /** Numbers of the last output. */
  classes: number;
}

/** The largest float32. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/**
 * `run`, and then the relu that it left out, where its sums are float32s: a maximum
 * hides a sum that fell to −∞.
 */
function checkSums(
  run: Step,
  { name, size, relu }: { name: string; size: number; relu: boolean },
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
      if (relu && y[i] < 0) y[i] = 0;
    }
  };
}

/** What `layer` does to images or rows `input`; takes its weights from `next`. */
function prepareStep(
  { layer, output }: LayerCost,
  input: readonly number[],
  { spec, careful, next, scratch }: {
    spec: ModelSpec;
    careful: boolean;
    next: () => FloatArray;
    scratch: Scratch;
  },
): LayerStep | undefined {
  const [height, width] = input;
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d":
    case "dense": {
      const [kernel, bias] = [next().values, next().values];
      const row = layer.kind === "dense";
      // A dense layer is a convolution of one window on an image of one pixel.
      const { size, stride = 1, padding } = row ? { size: 1 } : layer;
      const image = row ? [1, 1, height] : input;
      const prepare = layer.kind === "depthwiseConv2d"
        ? depthwiseSums
        : weightedSums;
      const relu = layer.activation === "relu";
      const sums = prepare({
        input: image,
        size,
        stride,
        spans: [
          windowSpan(image[0], size, stride, padding),
          windowSpan(image[1], size, stride, padding),
        ],
        kernel,
        bias,
        relu: relu && !careful,
        scratch,
      });
      const { name } = spec;
      const run = careful
        ? checkSums(sums, { name, size: count(output), relu })
        : sums;
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
  }
}

/** Numbers of the largest image or row that weighted sums are made of. */
function mostRead(
  { input, layers }: { input: readonly number[]; layers: LayerCost[] },
): number {
  let most = 0;
  for (const { layer, output } of layers) {
    if (layer.kind === "conv2d" || layer.kind === "dense") {
      most = Math.max(most, count(input));
    }
    input = output;
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
  const steps: LayerStep[] = [];
  let input: readonly number[] = spec.input;
  const { layers } = modelCost(spec);
  const largest = layers.reduce(
    (most, { output }) => Math.max(most, count(output)),
    count(input),
  );
  const scratch = makeScratch(mostRead({ input, layers }));
  const careful = maySumsOverflow(weights);
  let taken = 0;
  const next = () => weights[taken++];
  for (const layer of layers) {
    const step = prepareStep(layer, input, { spec, careful, next, scratch });
    if (step) steps.push(step);
    input = layer.output;
  }
  return { steps, largest, classes: count(input) };
}
