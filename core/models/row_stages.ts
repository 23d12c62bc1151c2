import {
  type Bend,
  filterSize,
  outputOf,
  runOf,
  sizeOf,
  type Stage,
  type Windows,
} from "../kernels/row_gradient/op.ts";
import { LEAK } from "./layers/activation.ts";
import { isInteger, mostOf } from "./integer.ts";
import { pairOf } from "./layers/layer.ts";
import { poolWindows } from "./layers/pools.ts";
import { windowSpans } from "./layers/window_span.ts";
import type {
  ActivationFields,
  ConvolutionFields,
  LayerSpec,
  ModelSpec,
  WindowFields,
} from "./spec.ts";

/** Windows of one pool that are largest in registers: more don't fit. */
const MOST_POOLED = 12;
/** Numbers in a row of a window above which the text of a kernel would get too long. */
const LONGEST_RUN = 128;
/** Numbers of a filter above which it leaves the first-level cache, image by image. */
const LARGEST_FILTER = 6144;
/** Numbers of a depthwise filter, or in a row of a pool, all of which stand in the text of a kernel. */
const LONGEST_TEXT = 1024;

type Extents = Windows["input"];

/** What follows the sums of a layer, whose shift is among its weights; undefined where that is curved. */
function bendOf(
  { activation, slope, bits }: ActivationFields,
): Bend | undefined {
  switch (activation) {
    case "linear":
      return { below: 1, most: Infinity, rounds: false };
    case "relu":
      return { below: 0, most: Infinity, rounds: false };
    case "relu6":
      return { below: 0, most: 6, rounds: false };
    case "leakyRelu":
      return { below: slope ?? LEAK, most: Infinity, rounds: false };
    case "elu":
    case "sigmoid":
    case "tanh":
    case "swish":
      return undefined;
    case "round":
      return { below: slope ?? 0, most: mostOf({ bits }), rounds: true };
    default:
      return activation satisfies never;
  }
}

/** The windows of a layer on images of `input`, and the zeros around them. */
function windowsIn(layer: WindowFields, input: Extents) {
  const [rows, columns] = windowSpans(layer, input);
  const frame: Stage<"convolution">["frame"] = [
    rows.before,
    rows.after,
    columns.before,
    columns.after,
  ];
  const windows: Windows = {
    input,
    window: [rows.size, columns.size],
    strides: [rows.stride, columns.stride],
  };
  return { windows, frame };
}

/** The stage of a convolution of images of `input`, without a pool; undefined where it is unusual. */
function convolutionStage(
  layer: LayerSpec<"conv2d" | "depthwiseConv2d">,
  input: Extents,
): Stage | undefined {
  const activation = bendOf(layer);
  const { dilation = 1 }: ConvolutionFields = layer;
  if (!activation || `${pairOf(dilation)}` !== "1,1") return undefined;
  const { windows, frame } = windowsIn(layer, input);
  const said = { ...windows, frame, activation };
  if (layer.kind === "conv2d") return convolution(said, layer.filters);
  const { multiplier = 1 } = layer;
  // All filters of one channel are a convolution's.
  return input[2] === 1
    ? convolution(said, multiplier)
    : { kind: "depthwise", ...said, multiplier };
}

function convolution(
  said: Omit<Stage<"convolution">, "kind" | "filters" | "pool">,
  filters: number,
): Stage<"convolution"> {
  return { kind: "convolution", ...said, filters, pool: [1, 1] };
}

/** The windows of a pool on images without a frame; undefined where they have one. */
function poolIn(layer: WindowFields, input: Extents): Windows | undefined {
  const { windows, frame } = windowsIn(layer, input);
  return frame.some((zeros) => zeros > 0) ? undefined : windows;
}

/** The stage of maxima of `windows`, if there are any. */
function largestStage(
  windows: Windows | undefined,
): Stage<"largest"> | undefined {
  return windows && { kind: "largest", ...windows };
}

/** The stage of means of `windows`, if there are any; of their sums, shifted, where all are `integer`. */
function meanStage(
  windows: Windows | undefined,
  { activation = "linear", shift = 0, slope, bits }: Partial<ActivationFields>,
  integer: boolean,
): Stage<"mean"> | undefined {
  const bend = bendOf({ activation, slope, bits });
  if (!windows || !bend || typeof shift !== "number") return undefined;
  const factor = integer ? 2 ** -shift : 1 / sizeOf(windows.window);
  return { kind: "mean", ...windows, factor, activation: bend };
}

/** `before` and a stage of maxima behind it as one, where the windows lie side by side. */
function joinPool(
  before: Stage,
  { window, strides }: Windows,
): Stage | undefined {
  return before.kind === "convolution" && sizeOf(before.pool) === 1 &&
      `${window}` === `${strides}` && sizeOf(window) <= MOST_POOLED
    ? { ...before, pool: window }
    : undefined;
}

/** A dense layer behind `stages`, of what they make. */
function denseStage(
  layer: LayerSpec<"dense">,
  now: Extents,
  first: boolean,
): Stage | undefined {
  const activation = bendOf(layer);
  if (!activation) return undefined;
  // What is too long in a row is read as the image that it is, row by row.
  const numbers = sizeOf(now);
  const input: Extents = !first && numbers > LONGEST_RUN
    ? now
    : [1, 1, numbers];
  const windows: Windows = {
    input,
    window: [input[0], input[1]],
    strides: [1, 1],
  };
  return convolution(
    { ...windows, frame: [0, 0, 0, 0], activation },
    layer.units,
  );
}

/** The stage of `layer`, which reads images of `now`; undefined where there is none. */
function stageOf(
  layer: LayerSpec,
  now: Extents,
  { first, integer }: { first: boolean; integer: boolean },
): Stage | undefined {
  const all = poolWindows({ size: [now[0], now[1]] });
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d":
      return convolutionStage(layer, now);
    case "maxPool2d":
      return largestStage(poolIn(poolWindows(layer), now));
    case "averagePool2d":
      return meanStage(poolIn(poolWindows(layer), now), layer, integer);
    case "globalAveragePool2d":
      return meanStage(poolIn(all, now), layer, integer);
    case "globalMaxPool2d":
      return largestStage(poolIn(all, now));
    case "dense":
      return denseStage(layer, now, first);
    default:
      // What has no such stage, a kind that is to come among them, goes the other way.
      return undefined;
  }
}

function suits(stage: Stage): boolean {
  switch (stage.kind) {
    case "convolution":
      return runOf(stage) <= LONGEST_RUN && filterSize(stage) <= LARGEST_FILTER;
    case "depthwise":
      return filterSize(stage) <= LONGEST_TEXT;
    case "mean":
    case "largest":
      return runOf(stage) <= LONGEST_TEXT;
    case "sum":
      return true;
    default:
      return stage satisfies never;
  }
}

/**
 * The stages that `rowGradient` of core/kernels feeds images through for the model of
 * `spec`; undefined where it has other layers than small convolutions, also depthwise
 * ones, with a relu, leaky or cut at 6 too, or nothing behind them, pools
 * without a frame, means and maxima of all places, residual sums, and small dense layers.
 *
 * Of a model of integers the stages read bytes, and weights that are divided by 2^s, where s is
 * the shift behind their sums; residual sums of integers have no stage.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseLayers } from "./parse_layers.ts";
 * import { rowStages } from "./row_stages.ts";
 *
 * const stages = rowStages(parseLayers("conv5x4/2,max2,depth3:same:leaky,conv1x8,mean"));
 * assertEquals(stages?.map(({ kind }) => kind), ["convolution", "depthwise", "convolution", "mean", "convolution"]);
 * assertEquals(rowStages(parseLayers("conv5x4/2:tanh")), undefined);
 * ```
 */
export function rowStages({ layers, input }: ModelSpec): Stage[] | undefined {
  const stages: Stage[] = [];
  if (isInteger(layers) && layers.some(({ kind }) => kind === "residual")) {
    return undefined;
  }
  const now = addStages(layers, stages, [input[0], input[1], input[2]]);
  const ends = now && now[0] * now[1] === 1 && stages.length > 0;
  return ends && stages.every(suits) ? stages : undefined;
}

/**
 * Adds to `stages` those of `layers`, which read images of `now`; what they make of them, or
 * undefined where one has no stage.
 */
function addStages(
  layers: readonly LayerSpec[],
  stages: Stage[],
  now: Extents,
): Extents | undefined {
  const before = stages.length;
  const integer = isInteger(layers);
  for (const layer of layers) {
    if (layer.kind === "flatten" || layer.kind === "softmax") continue;
    if (layer.kind === "residual") {
      const made = addResidual(layer, stages, now);
      if (!made) return undefined;
      now = made;
      continue;
    }
    const first = stages.length === 0;
    const stage = stageOf(layer, now, { first, integer });
    if (!stage) return undefined;
    // What a sum reads before its layers stays as it is.
    const joined = stage.kind === "largest" && stages.length > before
      ? joinPool(stages[stages.length - 1], stage)
      : undefined;
    if (joined) stages[stages.length - 1] = joined;
    else stages.push(stage);
    now = outputOf(stages[stages.length - 1]);
  }
  return now;
}

/** Adds the stages that `layer` holds, and their sum with what they read. */
function addResidual(
  layer: LayerSpec<"residual">,
  stages: Stage[],
  now: Extents,
): Extents | undefined {
  const before = stages.length;
  const made = addStages(layer.layers, stages, now);
  const activation = bendOf(layer);
  const back = stages.length - before;
  const like = made && `${made}` === `${now}` && back > 0;
  if (!like || !activation || layer.lift) return undefined;
  const windows: Windows = { input: now, window: [1, 1], strides: [1, 1] };
  stages.push({ kind: "sum", ...windows, back, activation });
  return now;
}
