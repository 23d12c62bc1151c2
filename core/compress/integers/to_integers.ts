import { decodeTensor } from "../../infer/decode_tensor.ts";
import type {
  EncodedModel,
  EncodedTensor,
} from "../../infer/encoded_tensor.ts";
import { forward } from "../../models/forward.ts";
import {
  boundIntegers,
  halfOf,
  isInteger,
  LARGEST_BYTE,
} from "../../models/integer.ts";
import { type ActivationFields, product } from "../../models/layers/layer.ts";
import {
  checkSpec,
  type LayerSpec,
  type ModelSpec,
} from "../../models/spec.ts";
import * as tf from "../../tf.ts";

/** How a model's numbers become integers. */
export interface IntegerOptions {
  /** Bits of the numbers between layers, 1 to 8; 8 unless given. */
  bits?: number;
  /** Bits of a bias, times a power of two, 2 to 8; 6 unless given. */
  biasBits?: number;
}

/** Numbers between layers: integers, and what one stands for. */
interface Activations {
  /** `[n, …]`. */
  x: tf.Tensor;
  step: number;
}

/** What conversion needs besides layers. */
interface Converting {
  name: string;
  tensors: Iterator<EncodedTensor>;
  /** What has been made. */
  made: EncodedTensor[];
  bits: number;
  biasBits: number;
}

function refuse(name: string, rule: string, value: unknown): never {
  throw new RangeError(
    `Cannot make integers of ${name}: ${rule}: current value is ${value}`,
  );
}

/** The largest |weight| of `tensor`. */
function largestOf(tensor: EncodedTensor): number {
  const { values } = decodeTensor(tensor);
  return values.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
}

/** Integers of a kernel, and what one stands for: its own levels, or as many of 8 bits as reach its largest weight. */
function levelsOf(
  tensor: EncodedTensor,
  wanted?: number,
): { levels: Int8Array<ArrayBuffer>; scale: number } {
  if (tensor.kind === "uniform" && tensor.scale.length === 1 && !wanted) {
    return { levels: tensor.levels, scale: tensor.scale[0] };
  }
  const { values } = decodeTensor(tensor);
  const scale = wanted ?? (largestOf(tensor) / 127 || 1);
  const levels = Int8Array.from(
    values,
    (w) => Math.min(127, Math.max(-128, Math.round(w / scale))),
  );
  return { levels, scale };
}

/**
 * What a level of `kernel` stands for whose sums of numbers of `read` are added to numbers of
 * `addedTo`: of the power of two of these sums the smallest for which levels have 8 bits.
 */
function scaleBeside(
  kernel: EncodedTensor,
  { read, addedTo }: { read: number; addedTo: number },
): number {
  const most = 127 * addedTo / (read * (largestOf(kernel) || 1));
  const lift = Math.min(15, Math.max(0, Math.floor(Math.log2(most))));
  return addedTo / 2 ** lift / read;
}

/** `tensor` with each of its weights a level. */
function kernelOf(
  { shape }: EncodedTensor,
  levels: Int8Array<ArrayBuffer>,
): EncodedTensor {
  const bits = levels.every((level) => Math.abs(level) === 1) ? 1 : 8;
  return { kind: "uniform", shape, bits, scale: Float32Array.of(1), levels };
}

/** The biases of `tensor` in steps of `step`: levels of so many bits, times a power of two. */
function biasOf(
  tensor: EncodedTensor,
  step: number,
  bits: number,
): EncodedTensor {
  const { shape, values } = decodeTensor(tensor);
  const largest = largestOf(tensor);
  const exponent = Math.min(
    22,
    Math.max(0, Math.ceil(Math.log2(largest / step / (2 ** (bits - 1) - 1)))),
  );
  const scale = Float32Array.of(2 ** exponent);
  const high = 2 ** (bits - 1) - 1;
  const levels = Int8Array.from(
    values,
    (b) => Math.max(-high - 1, Math.min(high, Math.round(b / step / scale[0]))),
  );
  return { kind: "uniform", shape, bits, scale, levels };
}

/** Sums that a shift is chosen by: more tell no more. */
const MOST_SUMS = 2 ** 18;

/** What is kept of numbers below 0, as a rounding has it; nothing of a relu. */
function slopeOf(
  { activation, slope = 1 / 8 }: ActivationFields,
  name: string,
): number | undefined {
  switch (activation) {
    case "relu":
    case "relu6":
      return undefined;
    case "linear":
      return 1;
    case "leakyRelu":
      return 2 ** -Math.min(7, Math.max(1, Math.round(-Math.log2(slope))));
    case "elu":
    case "sigmoid":
    case "tanh":
    case "swish":
    case "round":
      return refuse(
        name,
        "what follows sums must be a relu, leaky or not, or nothing",
        activation,
      );
    default:
      return activation satisfies never;
  }
}

/** r(x): what a rounding of one shift makes of a sum. */
function roundSum(
  sum: number,
  { shift, slope, most }: { shift: number; slope?: number; most: number },
): number {
  const more = sum < 0 && slope !== undefined ? -Math.log2(slope) : 0;
  const rounded = Math.floor(
    (sum + halfOf(shift + more)) / 2 ** (shift + more),
  );
  const least = slope === undefined ? 0 : -most;
  return Math.min(most, Math.max(least, rounded));
}

/** The shift whose rounding is, in mean square, nearest to the activation of `sums`. */
function chooseShift(
  sums: Float32Array,
  { slope, most }: { slope?: number; most: number },
): number {
  const stride = Math.max(1, Math.floor(sums.length / MOST_SUMS));
  const largest = sums.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const reach = Math.max(0, Math.ceil(Math.log2(largest / most || 1)));
  let best = { shift: 0, error: Infinity };
  // More bits than reach the largest sum only lose.
  for (let shift = Math.max(0, reach - 6); shift <= reach; shift++) {
    let error = 0;
    for (let i = 0; i < sums.length; i += stride) {
      const sum = sums[i];
      const wanted = sum < 0 ? (slope ?? 0) * sum : sum;
      const made = roundSum(sum, { shift, slope, most }) * 2 ** shift;
      error += (made - wanted) ** 2;
    }
    if (error < best.error) best = { shift, error };
  }
  return best.shift;
}

/** The sums of `layer` alone, whatever follows them. */
function sumsOf(
  layer: LayerSpec,
  weights: EncodedTensor[],
  x: tf.Tensor,
): tf.Tensor {
  return tf.tidy(() =>
    forward(
      [layer],
      weights.map(decodeTensor).map(({ shape, values }) =>
        tf.tensor(values, shape)
      ),
      x,
    )
  );
}

/** What follows `sums`, of which one stands for `step`, as a rounding; and what that makes. */
async function roundAll(
  sums: tf.Tensor,
  { name, activation, step, bits }: {
    name: string;
    activation: ActivationFields;
    step: number;
    bits: number;
  },
): Promise<{ rounding: ActivationFields; after: Activations }> {
  const most = 2 ** bits - 1;
  const values = await sums.data<"float32">();
  const kept = slopeOf(activation, name);
  // Where there is nothing below 0, nothing of it need be kept.
  const slope = values.some((sum) => sum < 0) ? kept : undefined;
  const shift = chooseShift(values, { slope, most });
  const rounded = values.map((sum) => roundSum(sum, { shift, slope, most }));
  const x = tf.tensor(rounded, sums.shape);
  sums.dispose();
  return {
    rounding: {
      activation: "round",
      shift,
      ...bits < 8 && { bits },
      ...slope !== undefined && { slope },
    },
    after: { x, step: step * 2 ** shift },
  };
}

/** A layer of integers that does what `layer` does to `before`, and what it gives. */
async function convertLayer(
  layer: LayerSpec,
  before: Activations,
  converting: Converting,
  { last, addedTo }: {
    /** Whether it gives the logits. */
    last: boolean;
    /** What one stands for of the numbers that its sums are added to, if they are. */
    addedTo?: number;
  },
): Promise<{ layer: LayerSpec; after: Activations }> {
  const { bits, biasBits, made, tensors } = converting;
  const { name } = layer;
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d":
    case "dense": {
      const [kernel, bias]: EncodedTensor[] = [
        tensors.next().value,
        tensors.next().value,
      ];
      const wanted = addedTo === undefined
        ? undefined
        : scaleBeside(kernel, { read: before.step, addedTo });
      const levels = levelsOf(kernel, wanted);
      const step = before.step * levels.scale;
      const weights = [
        kernelOf(kernel, levels.levels),
        biasOf(bias, step, biasBits),
      ];
      made.push(...weights);
      const { activation, slope, ...rest } = layer;
      const linear = { ...rest, activation: "linear" as const };
      const sums = sumsOf(linear, weights, before.x);
      if (last || addedTo !== undefined) {
        // Of the nearest power of two: rows of logits keep their order, exactly.
        const shift = Math.min(23, Math.max(0, Math.round(-Math.log2(step))));
        return {
          layer: last ? { ...linear, shift } : linear,
          after: { x: sums, step },
        };
      }
      const { rounding, after } = await roundAll(sums, {
        name,
        activation: { activation, slope },
        step,
        bits,
      });
      return { layer: { ...rest, ...rounding }, after };
    }
    case "averagePool2d":
    case "globalAveragePool2d": {
      const [, height, width] = before.x.shape;
      const places = layer.kind === "averagePool2d"
        ? product([layer.size, layer.size].flat().slice(0, 2))
        : height * width;
      const sums = sumsOf({ ...layer, activation: "linear" }, [], before.x);
      const step = before.step / places;
      if (last) {
        const shift = Math.min(23, Math.max(0, Math.round(-Math.log2(step))));
        const ended = { ...layer, activation: "linear" as const, shift };
        return { layer: ended, after: { x: sums, step } };
      }
      const { rounding, after } = await roundAll(sums, {
        name,
        activation: { activation: "linear" },
        step,
        bits,
      });
      return { layer: { ...layer, ...rounding }, after };
    }
    case "residual": {
      const inner = layer.layers.at(-1);
      if (!inner || !("activation" in inner) || inner.activation !== "linear") {
        refuse(
          converting.name,
          "a residual layer must hold linear sums last",
          inner?.kind,
        );
      }
      const held = await convertRow(
        layer.layers,
        before,
        converting,
        before.step,
      );
      const lift = Math.round(Math.log2(before.step / held.after.step));
      const sums = tf.tidy(() =>
        tf.add(tf.mul(before.x, 2 ** lift), held.after.x)
      );
      const { activation, slope } = layer;
      const { rounding, after } = await roundAll(sums, {
        name,
        activation: { activation, slope },
        step: held.after.step,
        bits,
      });
      const { slope: _, ...rest } = layer;
      return {
        layer: {
          ...rest,
          layers: held.layers,
          ...rounding,
          ...lift > 0 && { lift },
        },
        after,
      };
    }
    case "maxPool2d":
    case "globalMaxPool2d":
    case "flatten": {
      const x = sumsOf(layer, [], before.x);
      return { layer, after: { x, step: before.step } };
    }
    case "dropout":
    case "softmax":
      return { layer, after: { ...before, x: tf.clone(before.x) } };
    default:
      return layer satisfies never;
  }
}

/** The layers of a row as layers of integers; `addedTo` is what one stands for of the numbers that theirs are added to. */
async function convertRow(
  layers: readonly LayerSpec[],
  before: Activations,
  converting: Converting,
  addedTo?: number,
): Promise<{ layers: LayerSpec[]; after: Activations }> {
  const converted: LayerSpec[] = [];
  const end = layers.findLastIndex(({ kind }) =>
    kind !== "softmax" && kind !== "dropout"
  );
  let at = before;
  for (const [place, layer] of layers.entries()) {
    const ends = place === end;
    const { layer: made, after } = await convertLayer(layer, at, converting, {
      last: ends && addedTo === undefined,
      addedTo: ends ? addedTo : undefined,
    });
    if (at !== before) at.x.dispose();
    converted.push(made);
    at = after;
  }
  return { layers: converted, after: at };
}

/**
 * `model`, which is of real numbers, as one of integers: kernels keep their levels where
 * they have one scale, biases are rounded to levels times a power of two, each shift is the
 * one whose rounding is nearest, in mean square, to what `images`
 * `[n, height, width, channels]` make of its layer. Nothing is trained: what rounding costs,
 * an evaluation says. Computed on tfjs's current backend.
 *
 * Throws a `RangeError` where an activation is none of a relu, a leaky one and none, the
 * layers are no model of integers otherwise, or a sum could reach 2^24.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { selectBackend } from "../../device/select_backend.ts";
 * import { isInteger } from "../../models/integer.ts";
 * import { smallModel } from "../../../tests/core/infer/small_model.ts";
 * import { toIntegers } from "./to_integers.ts";
 *
 * await selectBackend("wasm");
 * const images = Uint8Array.from({ length: 8 * 784 }, (_, i) => i * 73 % 256);
 * const { spec } = await toIntegers(smallModel(), images);
 * assertEquals(isInteger(spec.layers), true);
 * ```
 */
export async function toIntegers(
  model: EncodedModel,
  images: Uint8Array,
  { bits = 8, biasBits = 6 }: IntegerOptions = {},
): Promise<EncodedModel> {
  const { spec, labels, tensors } = model;
  if (isInteger(spec.layers)) {
    refuse(spec.name, "it must be of real numbers", "of integers already");
  }
  const size = product(spec.input);
  const count = images.length / size;
  if (!Number.isInteger(count) || count === 0) {
    refuse(spec.name, `there must be images of ${size} pixels`, images.length);
  }
  const x = tf.tensor(Float32Array.from(images), [count, ...spec.input]);
  const converting = {
    name: spec.name,
    tensors: tensors.values(),
    made: [],
    bits,
    biasBits,
  };
  const before = { x, step: 1 / LARGEST_BYTE };
  const { layers, after } = await convertRow(spec.layers, before, converting);
  tf.dispose([x, after.x]);
  const converted: ModelSpec = { ...spec, layers };
  checkSpec(converted);
  boundIntegers(converted, converting.made.map(decodeTensor));
  return { spec: converted, labels, tensors: converting.made };
}
