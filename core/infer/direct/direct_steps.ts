import type { FloatArray } from "../../files/safetensors.ts";
import { modelCost } from "../../models/cost.ts";
import type { LayerSpec, ModelSpec } from "../../models/spec.ts";
import { windowSpan } from "../../models/window_span.ts";
import { checkWeights } from "../check_weights.ts";
import { depthwiseSums } from "./depthwise_sums.ts";
import { pool } from "./pool.ts";
import type { Step } from "./step.ts";
import { makeScratch, type Scratch, weightedSums } from "./weighted_sums.ts";

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

/** What `layer` does to images or rows `input`; takes its weights from `next`. */
function prepareStep(
  layer: LayerSpec,
  input: readonly number[],
  { next, scratch }: { next: () => FloatArray; scratch: Scratch },
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
      const run = prepare({
        input: image,
        size,
        stride,
        spans: [
          windowSpan(image[0], size, stride, padding),
          windowSpan(image[1], size, stride, padding),
        ],
        kernel,
        bias,
        relu: layer.activation === "relu",
        scratch,
      });
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

/**
 * Prepares the layers of `spec` with `weights`, kernel and bias of each in order,
 * up to and without its softmax: one image's pixels → logits. Dropout does nothing.
 *
 * Throws a `RangeError` where the spec is unusable, or the weights are not its.
 */
export function directSteps(
  spec: ModelSpec,
  weights: FloatArray[],
): DirectSteps {
  checkWeights(spec, weights);
  const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b);
  const steps: LayerStep[] = [];
  let input: readonly number[] = spec.input;
  const { layers } = modelCost(spec);
  const largest = layers.reduce(
    (most, { output }) => Math.max(most, count(output)),
    count(input),
  );
  const scratch = makeScratch(largest);
  let taken = 0;
  const next = () => weights[taken++];
  for (const { layer, output } of layers) {
    const step = prepareStep(layer, input, { next, scratch });
    if (step) steps.push(step);
    input = output;
  }
  return { steps, largest, classes: count(input) };
}
