import { findSquare, type ImageShape } from "../../data/dataset.ts";
import type { FloatArray } from "../../files/safetensors.ts";
import { LEAK, SLOPE_DIGITS } from "../layers/activation.ts";
import { checkLayer } from "../layers/check_layer.ts";
import type {
  Activation,
  LayerSpec,
  Padding,
  WindowFields,
} from "../layers/layer.ts";
import { product } from "../layers/layer.ts";
import { isNeverNegative } from "../layers/is_never_negative.ts";
import { layerShapes } from "../layers/layers.ts";
import { REBUILD } from "../layers/parse_keras.ts";
import { poolWindows } from "../layers/pools.ts";
import { windowSpans } from "../layers/window_span.ts";
import type { ModelSpec } from "../spec.ts";
import type { LoadedModel } from "./loaded_model.ts";
import { type PixelScale, scalePixels } from "./pixel_scale.ts";
import type {
  ActivationStep,
  AffineStep,
  ForeignRow,
  Frame,
  LayerStep,
  RowStep,
} from "./row.ts";

/** A layer of the model that is being made, with its weights and those of layers that it holds. */
interface PlacedLayer {
  layer: LayerSpec;
  weights: FloatArray[];
}

/** A row, as far as it is lowered. */
interface Lowering {
  /** What errors call the file. */
  source: string;
  /** Shape of what the layers so far give, without the batch. */
  shape: readonly number[];
  placed: PlacedLayer[];
  /** What comes behind the layers so far, and is still to become part of one. */
  affine?: AffineStep;
  /** Zeros around what the layers so far give, for the next windows. */
  frame?: { name: string; frame: Frame };
  /** Names of layers, each once, and how often each was asked for. */
  names: Map<string, number>;
  /** Numbers that layers made for a factor each may still take, those within layers too. */
  diagonals: { left: number };
}

/** Layers that have weights, of which activation and a factor a channel can be part. */
type WeightedLayer = LayerSpec<"conv2d" | "depthwiseConv2d" | "dense">;

/** A row of more numbers gets no layer of its own for a factor each: it would be too large. */
const MOST_DIAGONAL = 1024;
/** Numbers that all such layers may take together: a line of a file asks for one. */
const MOST_DIAGONALS = 4 * MOST_DIAGONAL ** 2;

function refuse({ source }: Lowering, name: string, rule: string): never {
  throw new SyntaxError(
    `Cannot load ${source}: layer ${name} must ${rule}; ${REBUILD}`,
  );
}

/** Throws a `RangeError` unless the numbers that `layer` says are usable. */
function checkNumbers({ source }: Lowering, layer: LayerSpec): void {
  checkLayer(layer, (rule, value) => {
    throw new RangeError(
      `Cannot load ${source}: layer ${layer.name}: ${rule}: found ${value}; ${REBUILD}`,
    );
  });
}

function isWeighted(layer: LayerSpec): layer is WeightedLayer {
  return layer.kind === "conv2d" || layer.kind === "depthwiseConv2d" ||
    layer.kind === "dense";
}

/** `name`, or what is like it and not in use yet. */
function takeName({ names }: Lowering, name: string): string {
  let count = names.get(name) ?? 0;
  let free = name;
  while (names.has(free)) free = `${name}_${++count}`;
  names.set(name, Math.max(count, 1));
  if (free !== name) names.set(free, 1);
  return free;
}

/** Puts `layer` behind those that are placed. */
function place(
  row: Lowering,
  layer: LayerSpec,
  weights: FloatArray[] = [],
): void {
  const { name } = layer;
  checkNumbers(row, layer);
  const named = { ...layer, name: takeName(row, name) };
  row.shape = layerShapes(
    named,
    row.shape,
    (rule, shape): never =>
      refuse(row, name, `${rule}: its input is ${shape.join("×")}`),
  ).output;
  row.placed.push({ layer: named, weights });
}

const isUsual = (values: Float64Array, usual: number) =>
  values.every((value) => value === usual);

/** The number of `values` for `index`, which go round. */
function at(values: Float64Array, index: number): number {
  return values[index % values.length];
}

/** Rounded to float32, once. */
function map(
  values: Float32Array,
  of: (value: number, index: number) => number,
): Float32Array<ArrayBuffer> {
  return Float32Array.from(values, of);
}

/** The weights of a layer whose sums are then scaled and shifted by `affine`. */
function scaleOutputs(
  [kernel, bias]: FloatArray[],
  { scale, offset }: AffineStep,
): FloatArray[] {
  const outputs = bias.values.length;
  return [
    {
      shape: kernel.shape,
      values: map(kernel.values, (w, i) => w * at(scale, i % outputs)),
    },
    {
      shape: bias.shape,
      values: map(bias.values, (b, i) => b * at(scale, i) + at(offset, i)),
    },
  ];
}

/**
 * The weights of a layer that reads what `affine` gives, for what that reads: no zeros
 * may lie around it unless nothing is added.
 */
function scaleInputs(
  [kernel, bias]: FloatArray[],
  { scale, offset }: AffineStep,
): FloatArray[] {
  const columns = kernel.shape[kernel.shape.length - 1];
  const outputs = bias.values.length;
  const sums = Float64Array.from(bias.values);
  const values = map(kernel.values, (w, i) => {
    const input = Math.floor(i / columns);
    sums[i % outputs] += w * at(offset, input);
    return w * at(scale, input);
  });
  return [
    { shape: kernel.shape, values },
    { shape: bias.shape, values: Float32Array.from(sums) },
  ];
}

/** Each number by itself, times `scale` plus `offset`, as a layer of its own. */
function placeDiagonal(
  row: Lowering,
  { name, scale, offset }: Omit<AffineStep, "kind" | "axis">,
): void {
  const size = row.shape[row.shape.length - 1];
  const each = Float32Array.from({ length: size }, (_, i) => at(scale, i));
  const bias = {
    shape: [size],
    values: Float32Array.from({ length: size }, (_, i) => at(offset, i)),
  };
  if (row.shape.length === 3) {
    place(
      row,
      { kind: "depthwiseConv2d", name, size: 1, activation: "linear" },
      [
        { shape: [1, 1, size, 1], values: each },
        bias,
      ],
    );
    return;
  }
  if (row.shape.length !== 1 || size > MOST_DIAGONAL) {
    refuse(
      row,
      name,
      `stand beside weighted sums, or read an image or at most ${MOST_DIAGONAL} numbers: it reads ${
        row.shape.join("×")
      }`,
    );
  }
  row.diagonals.left -= size * size;
  if (row.diagonals.left < 0) {
    throw new RangeError(
      `Cannot load ${row.source}: layers made of factors and activations that stand alone must have at most ${MOST_DIAGONALS} weights: up to ${name} they have more; ${REBUILD}`,
    );
  }
  const values = new Float32Array(size * size);
  each.forEach((value, i) => values[i * size + i] = value);
  place(row, { kind: "dense", name, units: size, activation: "linear" }, [
    { shape: [size, size], values },
    bias,
  ]);
}

/** Makes a layer of what was still to become part of one. */
function settleAffine(row: Lowering): void {
  const { affine } = row;
  row.affine = undefined;
  if (affine) placeDiagonal(row, affine);
}

function refuseFrame(row: Lowering): void {
  if (!row.frame) return;
  refuse(row, row.frame.name, "be followed by a convolution or a maximum");
}

function lowerAffine(row: Lowering, step: AffineStep): void {
  const { name, axis, scale, offset } = step;
  if (axis !== -1 && axis !== row.shape.length) {
    refuse(row, name, `go by the last axis: it goes by axis ${axis}`);
  }
  const channels = row.shape[row.shape.length - 1];
  if (scale.length !== 1 && scale.length !== channels) {
    refuse(
      row,
      name,
      `have a factor for each of ${channels} channels: it has ${scale.length}`,
    );
  }
  if (isUsual(scale, 1) && isUsual(offset, 0)) return;
  if (row.frame && !isUsual(offset, 0)) {
    refuse(row, name, "add nothing to the zeros around an image");
  }
  if (row.affine) {
    const before = row.affine;
    const count = Math.max(scale.length, before.scale.length);
    const join = (of: (i: number) => number) =>
      Float64Array.from({ length: count }, (_, i) => of(i));
    row.affine = {
      kind: "affine",
      name: before.name,
      axis: -1,
      scale: join((i) => at(before.scale, i) * at(scale, i)),
      offset: join((i) => at(before.offset, i) * at(scale, i) + at(offset, i)),
    };
    return;
  }
  const last = row.placed.at(-1);
  if (
    last && isWeighted(last.layer) && last.layer.activation === "linear"
  ) {
    last.weights = scaleOutputs(last.weights, step);
    return;
  }
  row.affine = step;
}

/** Whether `activation` may be asked of what `layer` reads in place of what it gives. */
function passes(layer: LayerSpec, activation: Activation): boolean {
  switch (layer.kind) {
    case "flatten":
      return true;
    case "dropout":
      return activation === "relu" || activation === "leakyRelu";
    case "maxPool2d":
    case "globalMaxPool2d":
      return activation !== "swish"; // the only one that falls anywhere
    default:
      return false;
  }
}

/** What two activations, one after the other, are as one; null where they are none. */
function join(first: Activation, second: Activation): Activation | null {
  if (first === "linear") return second;
  if (second === "relu" && (first === "relu6" || first === "sigmoid")) {
    return first;
  }
  if (first === "relu" && (second === "relu" || second === "relu6")) {
    return second;
  }
  return first === "relu6" && second === "relu6" ? first : null;
}

/** `slope` as a layer says it, and a file: 0.3, of the float32 that is nearest to it. */
function settleSlope(slope: number | undefined): number | undefined {
  const settled = slope && Number(slope.toFixed(SLOPE_DIGITS));
  return settled === LEAK ? undefined : settled;
}

function lowerActivation(row: Lowering, step: ActivationStep): void {
  const { name, activation } = step;
  if (activation === "linear") return;
  const slope = settleSlope(step.slope);
  settleAffine(row);
  if (row.frame && activation === "sigmoid") {
    refuse(row, name, "leave the zeros around an image 0");
  }
  let index = row.placed.length - 1;
  while (index > 0 && passes(row.placed[index].layer, activation)) index--;
  const target = row.placed[index];
  if (target && "activation" in target.layer && target.layer.activation) {
    const joined = join(target.layer.activation, activation);
    if (joined) {
      target.layer = {
        ...target.layer,
        activation: joined,
        ...slope !== undefined && { slope },
      };
      return;
    }
  }
  placeDiagonal(row, {
    name,
    scale: Float64Array.of(1),
    offset: Float64Array.of(0),
  });
  const placed = row.placed[row.placed.length - 1];
  if ("activation" in placed.layer) {
    placed.layer = {
      ...placed.layer,
      activation,
      ...slope !== undefined && { slope },
    };
  }
}

/** The padding of windows that also read the frame that waits. */
function takeFrame(
  row: Lowering,
  layer: WindowFields & { dilation?: WindowFields["stride"] },
): { padding?: Padding } {
  if (!row.frame) return {};
  const [top, bottom, left, right] = row.frame.frame;
  const [height, width] = row.shape;
  const [rows, columns] = windowSpans(layer, [
    height + top + bottom,
    width + left + right,
  ]);
  row.frame = undefined;
  return {
    padding: [
      top + rows.before,
      bottom + rows.after,
      left + columns.before,
      right + columns.after,
    ],
  };
}

/** `layer` as it reads what the layers so far give. */
function fitWeighted(
  row: Lowering,
  { layer, weights: [kernel, bias] }: {
    layer: WeightedLayer;
    weights: FloatArray[];
  },
): { layer: WeightedLayer; kernel: FloatArray; bias?: FloatArray } {
  const { name } = layer;
  if (layer.kind === "dense" && row.shape.length === 3) {
    // Of an image, each place by itself.
    const { units: filters, activation } = layer;
    return {
      layer: { kind: "conv2d", name, filters, size: 1, activation },
      kernel: { shape: [1, 1, ...kernel.shape], values: kernel.values },
      bias,
    };
  }
  if (layer.kind === "conv2d" && row.shape.length === 1) {
    // An image of one place is a row of ours.
    const [rows, columns, ...matrix] = kernel.shape;
    if (rows === 1 && columns === 1) {
      const { filters: units, activation } = layer;
      return {
        layer: { kind: "dense", name, units, activation },
        kernel: { shape: matrix, values: kernel.values },
        bias,
      };
    }
  }
  return { layer, kernel, bias };
}

function lowerWeighted(
  row: Lowering,
  step: { layer: WeightedLayer; weights: FloatArray[] },
): void {
  const { layer: fitted, kernel, bias } = fitWeighted(row, step);
  const { name } = fitted;
  checkNumbers(row, fitted);
  if (fitted.kind === "dense") refuseFrame(row);
  const layer = fitted.kind === "dense"
    ? fitted
    : { ...fitted, ...takeFrame(row, fitted) };
  const { weights: [wanted, [outputs]] } = layerShapes(
    layer,
    row.shape,
    (rule, shape): never =>
      refuse(row, name, `${rule}: its input is ${shape.join("×")}`),
  );
  for (
    const [given, shape] of [[kernel, wanted], [bias, [outputs]]] as const
  ) {
    if (!given || given.shape.join() === shape.join()) continue;
    refuse(
      row,
      name,
      `have weights of shape [${shape.join(", ")}]: it has [${
        given.shape.join(", ")
      }]`,
    );
  }
  let weights = [
    kernel,
    bias ?? { shape: [outputs], values: new Float32Array(outputs) },
  ];
  if (row.affine) {
    const padded = layer.kind !== "dense" &&
      (layer.padding ?? "valid") !== "valid";
    if (padded && !isUsual(row.affine.offset, 0)) {
      settleAffine(row);
    } else {
      weights = scaleInputs(weights, row.affine);
      row.affine = undefined;
    }
  }
  place(row, layer, weights);
}

/** Whether no number that the layers so far give is below 0. */
function isNonNegative({ placed, affine }: Lowering): boolean {
  return !affine && isNeverNegative(placed.map(({ layer }) => layer));
}

function lowerLayer(row: Lowering, { layer, weights }: LayerStep): void {
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d":
    case "dense":
      lowerWeighted(row, { layer, weights });
      return;
    case "maxPool2d":
    case "globalMaxPool2d":
      if (row.affine?.scale.some((factor) => factor < 0)) settleAffine(row);
      if (row.frame && layer.kind === "maxPool2d" && isNonNegative(row)) {
        // A zero is never more than such a maximum.
        place(row, { ...layer, ...takeFrame(row, poolWindows(layer)) });
        return;
      }
      break;
    case "softmax":
      settleAffine(row);
      if (row.shape.length > 1 && product(row.shape) === row.shape.at(-1)) {
        place(row, { kind: "flatten", name: "flatten" });
      }
      break;
    case "dropout":
      place(row, layer);
      return;
  }
  // The mean of what is scaled and shifted is the mean, scaled and shifted.
  refuseFrame(row);
  place(row, layer);
}

/** `shape` with what it leaves open. */
function resolveShape(
  row: Lowering,
  { name, shape }: { name: string; shape: number[] },
): number[] {
  const size = product(row.shape);
  const known = -product(shape);
  const resolved = known > 0
    ? shape.map((extent) => extent === -1 ? size / known : extent)
    : shape;
  if (resolved.some((extent) => !(extent >= 1)) || product(resolved) !== size) {
    refuse(
      row,
      name,
      `keep all ${size} numbers: its shape is ${shape.join("×")}`,
    );
  }
  return resolved;
}

function lowerReshape(
  row: Lowering,
  step: { name: string; shape: number[] },
): void {
  const { name } = step;
  refuseFrame(row);
  const shape = resolveShape(row, step);
  const bare = (extents: readonly number[]) =>
    extents.filter((extent) => extent > 1).join();
  if (shape.join() === row.shape.join()) return;
  if (shape.length === 1) {
    place(row, { kind: "flatten", name });
    return;
  }
  // A row is an image of one place.
  if (row.shape.length === 1 && bare(shape) === bare(row.shape)) return;
  if (row.placed.length === 0 && bare(shape) === bare(row.shape)) {
    if (
      row.affine && row.affine.scale.length > 1 &&
      shape.at(-1) !== row.shape.at(-1)
    ) {
      refuse(
        row,
        row.affine.name,
        "go by an image's channels: it goes by columns",
      );
    }
    row.shape = shape;
    return;
  }
  refuse(
    row,
    name,
    `make a row of an image, or an image of the input: it makes ${
      shape.join("×")
    } of ${row.shape.join("×")}`,
  );
}

function lowerResidual(
  row: Lowering,
  { name, steps }: { name: string; steps: RowStep[] },
): void {
  settleAffine(row);
  refuseFrame(row);
  const held: Lowering = {
    source: row.source,
    shape: row.shape,
    placed: [],
    names: row.names,
    diagonals: row.diagonals,
  };
  lowerSteps(held, steps);
  if (held.placed.some(({ layer }) => layer.kind === "softmax")) {
    refuse(row, name, "add no softmax, which comes last");
  }
  if (held.shape.join() !== row.shape.join()) {
    refuse(
      row,
      name,
      `add what has one shape: it adds ${held.shape.join("×")} to ${
        row.shape.join("×")
      }`,
    );
  }
  const layers = held.placed.map(({ layer }) => layer);
  place(
    row,
    { kind: "residual", name, layers, activation: "linear" },
    held.placed.flatMap(({ weights }) => weights),
  );
}

function lowerSteps(row: Lowering, steps: RowStep[]): void {
  for (const step of steps) {
    if (
      row.placed.at(-1)?.layer.kind === "softmax" && step.kind !== "reshape"
    ) {
      refuse(
        row,
        step.kind === "layer" ? step.layer.name : step.name,
        "stand before the softmax, which comes last",
      );
    }
    switch (step.kind) {
      case "layer":
        lowerLayer(row, step);
        break;
      case "affine":
        lowerAffine(row, step);
        break;
      case "activation":
        lowerActivation(row, step);
        break;
      case "frame":
        if (step.frame.every((zeros) => zeros === 0)) break;
        if (row.affine && !isUsual(row.affine.offset, 0)) settleAffine(row);
        row.frame = {
          name: step.name,
          frame: addFrames(row.frame?.frame, step.frame),
        };
        break;
      case "reshape":
        lowerReshape(row, step);
        break;
      case "residual":
        lowerResidual(row, step);
        break;
      default:
        step satisfies never;
    }
  }
  refuseFrame(row);
  settleAffine(row);
}

function addFrames(
  [top, bottom, left, right]: Frame = [0, 0, 0, 0],
  more: Frame,
): Frame {
  return [top + more[0], bottom + more[1], left + more[2], right + more[3]];
}

/**
 * The image that a model reads whose input has `shape`: one without channels has one of
 * them, and of a row the numbers are an image's, place by place. A first reshape says
 * which; otherwise it is a square of one channel, or of three, or else one line.
 */
function readImage(
  row: Lowering,
  steps: RowStep[],
): { input: ImageShape; steps: RowStep[] } {
  const { shape } = row;
  if (shape.length === 3) {
    const [height, width, channels] = shape;
    return { input: [height, width, channels], steps };
  }
  if (shape.length === 2) return { input: [shape[0], shape[1], 1], steps };
  if (shape.length !== 1) {
    throw new SyntaxError(
      `Cannot load ${row.source}: its input must be an image or a row of pixels: it is ${
        shape.join("×") || "one number"
      }; ${REBUILD}`,
    );
  }
  const first = steps.findIndex((step) =>
    step.kind !== "affine" || step.scale.length > 1
  );
  const step = steps[first];
  if (step?.kind === "reshape") {
    const [height, width, channels = 1, ...more] = resolveShape(row, step);
    if (width !== undefined && more.length === 0) {
      row.shape = step.shape.length === 2
        ? [height, width]
        : [height, width, channels];
      return {
        input: [height, width, channels],
        steps: steps.toSpliced(first, 1),
      };
    }
  }
  const [pixels] = shape;
  const input = findSquare(pixels) ?? [1, pixels, 1] as const;
  row.shape = input;
  place(row, { kind: "flatten", name: "flatten" });
  return { input, steps };
}

/**
 * `steps` without the sigmoid that is their last: what it reads is as good as logits. Where
 * it stands before what only lays numbers anew, or a maximum, that reads the same.
 */
function cutSigmoid(steps: RowStep[]): { steps: RowStep[]; isCut: boolean } {
  const last = steps.findLastIndex((step) =>
    step.kind !== "reshape" &&
    !(step.kind === "layer" && passes(step.layer, "sigmoid"))
  );
  const step = steps[last];
  return step?.kind === "activation" && step.activation === "sigmoid"
    ? { steps: steps.toSpliced(last, 1), isCut: true }
    : { steps, isCut: false };
}

/** Makes two classes' logits, 0 and z, of the z whose sigmoid is the second's probability. */
function widenOne(row: Lowering): void {
  if (row.shape.length > 1) {
    place(row, { kind: "flatten", name: "flatten" });
  }
  const step: LayerStep = {
    kind: "layer",
    layer: { kind: "dense", name: "classes", units: 2, activation: "linear" },
    weights: [{ shape: [1, 2], values: Float32Array.of(0, 1) }],
  };
  const last = row.placed.at(-1);
  if (last?.layer.kind !== "dense" || last.layer.activation !== "linear") {
    return lowerLayer(row, step);
  }
  const [kernel, bias] = last.weights.map(({ shape, values }) => ({
    shape: [...shape.slice(0, -1), 2],
    values: Float32Array.from(
      { length: 2 * values.length },
      (_, i) => i % 2 * values[i >> 1],
    ),
  }));
  row.placed.pop();
  const { name } = last.layer;
  row.names.delete(name);
  row.shape = kernel.shape.slice(0, 1);
  place(row, { ...last.layer, units: 2 }, [kernel, bias]);
}

/**
 * The model of our layers that computes what a row of steps does: scaling and shifting
 * become part of the weights beside them, activations of the layers before them, zeros
 * around an image of the windows that read them. What can't be part of a layer is one of
 * its own: a factor a channel is a depthwise convolution of 1×1. Without a softmax at its
 * end the row gives logits, and gets one. A sigmoid at its end is left out, and `ends` says
 * so; of one number that is z, the logits of two classes become 0 and z.
 *
 * Batch normalisation y = γ·(x − μ)/√(σ² + ε) + β behind sums x = w·a + b, for one: w′ =
 * w·γ/√(σ² + ε), b′ = (b − μ)·γ/√(σ² + ε) + β, in float64, rounded once.
 *
 * `pixels` says what the model was made to read, where it doesn't say it itself; the same
 * comes back, or what it is taken to read by how it begins.
 *
 * Throws a `SyntaxError` where no row of our layers does the same.
 */
export function lowerRow(
  foreign: ForeignRow,
  source: string,
  { pixels }: { pixels?: PixelScale } = {},
): {
  spec: ModelSpec;
  weights: FloatArray[];
  pixels?: PixelScale;
  ends?: LoadedModel["ends"];
} {
  const { row: scaled, pixels: read } = scalePixels(foreign, pixels);
  const { name, input: shape } = scaled;
  const { steps, isCut } = cutSigmoid(scaled.steps);
  const row: Lowering = {
    source,
    shape,
    placed: [],
    names: new Map(),
    diagonals: { left: MOST_DIAGONALS },
  };
  const { input, steps: rest } = readImage(row, steps);
  lowerSteps(row, rest);
  const isOne = isCut && product(row.shape) === 1;
  if (isOne) widenOne(row);
  if (row.placed.at(-1)?.layer.kind !== "softmax") {
    lowerLayer(row, {
      kind: "layer",
      layer: { kind: "softmax", name: "softmax" },
      weights: [],
    });
  }
  return {
    spec: { name, input, layers: row.placed.map(({ layer }) => layer) },
    weights: row.placed.flatMap(({ weights }) => weights),
    ...read && { pixels: read },
    ...isCut && { ends: isOne ? "one sigmoid" : "sigmoids" },
  };
}
