import type { FloatArray } from "../../files/safetensors.ts";
import type { EncodedTensor } from "../../infer/encoded_tensor.ts";
import { levelRange } from "../../kernels/quantise_uniform/round_level.ts";
import { quantiseUniform } from "../../kernels/quantise_uniform/op.ts";
import { sumLevelBits } from "../../kernels/sum_level_bits/op.ts";
import { withGradient } from "../../kernels/with_gradient.ts";
import {
  boundIntegers,
  halfOf,
  INTEGER_LIMIT,
  LARGEST_BYTE,
  mostOf,
  withLogitShift,
} from "../../models/integer.ts";
import type { LayerSpec, RoundingShift } from "../../models/layers/layer.ts";
import { product } from "../../models/layers/layer.ts";
import { type LayerShape, shapeLayers } from "../../models/shapes.ts";
import type { ModelSpec } from "../../models/spec.ts";
import * as tf from "../../tf.ts";
import { checkConstraints } from "./check_constraints.ts";
import type { Constraint, UniformConstraint } from "./constraint.ts";
import { groupVariables } from "./group_variables.ts";
import { applyMask, keepWeights } from "./masks.ts";
import { chooseStep, octaveOf } from "./start_variables.ts";
import { trainedSteps } from "./trained_steps.ts";

// In a model of integers x stands for the number δ·x, with a unit δ that no file holds: that of
// a pixel is 1/255, that of a layer's sums the kernel's step times the unit of what it reads, and a
// rounding's 2^s times that of its sums. What is trained are the real weights w and the kernels'
// steps s, as of other quantised models; W = ŵ/s and B = b̂/δ are what the model computes with.

/** A layer with weights, as units are found. */
export interface Weighing {
  /** The layer, and its weights' shapes. */
  shape: LayerShape;
  /** Which of those with weights, from 0. */
  place: number;
  /** Shifts s behind its sums: one, or one a channel. */
  shifts: number[];
  /** 2^(most − s) of each of them: a step over the least. */
  spread: number[];
  /** Largest Σ|W| of an output; absent where no levels reach it. */
  budget?: number;
  /** Largest |B|. */
  mostBias: number;
}

/** How units are computed: as numbers, or as tensors `[1]`. */
interface Units<Unit> {
  /** Of a pixel. */
  first: Unit;
  /** `factor` times a unit. */
  times(unit: Unit, factor: number): Unit;
  /** That of a layer's sums, in its channel of the largest shift, of what it `reads`; `tied` where it has no choice. */
  weigh(weighing: Weighing, reads: Unit, tied?: Unit): Unit;
}

function refuse(spec: ModelSpec, rule: string, value: unknown): never {
  throw new RangeError(
    `Cannot train ${spec.name} as a model of integers: ${rule}: current value is ${value}`,
  );
}

/** Largest of a layer's shifts. */
function mostShift(shift: RoundingShift = 0): number {
  return Math.max(...[shift].flat());
}

/** Places of a window, or of the whole image, that a layer sums. */
function countPlaces({ layer, input }: LayerShape): number {
  if (layer.kind === "globalAveragePool2d") return input[0] * input[1];
  if (layer.kind !== "averagePool2d") return 1;
  const [rows, columns = rows] = [layer.size].flat();
  return rows * columns;
}

/** Whether a layer's sums are multiplied by weights. */
function isWeighted({ kind }: LayerSpec): boolean {
  return kind === "conv2d" || kind === "depthwiseConv2d" || kind === "dense";
}

/**
 * Goes through the layers of `spec`, and gives the unit of the logits' sums. Sums that are
 * added to what a residual layer reads must have its unit: the step of the last kernel in it
 * is tied.
 */
export function findUnit<Unit>(
  spec: ModelSpec,
  constraints: readonly Constraint[],
  units: Units<Unit>,
): Unit {
  const { times } = units;
  const shapes = shapeLayers(spec);
  const shapeOf = (layer: LayerSpec): LayerShape =>
    shapes.find((shape) => shape.layer === layer) ??
      refuse(spec, "it must have each of its layers", layer.name);
  let place = 0;
  /** What multiplies a unit in `layer`, its weights apart. */
  const factorOf = (layer: LayerSpec): number => {
    const rounds = "activation" in layer && layer.activation === "round";
    return (rounds ? 2 ** mostShift(layer.shift) : 1) /
      countPlaces(shapeOf(layer));
  };
  const walk = (
    layers: readonly LayerSpec[],
    reads: { unit: Unit; most: number },
    aim?: Unit,
  ): { unit: Unit; most: number } => {
    const tie = aim === undefined ? -1 : layers.findLastIndex(isWeighted);
    if (aim !== undefined && tie < 0) {
      refuse(spec, "a residual layer must hold weights", layers.length);
    }
    let { unit, most } = reads;
    layers.forEach((layer, index) => {
      const shape = shapeOf(layer);
      switch (layer.kind) {
        case "conv2d":
        case "depthwiseConv2d":
        case "dense": {
          const raw = layer.activation === "linear" &&
            layer.shift === undefined;
          const weighing = weighingOf(shape, place++, constraints, most, raw);
          const tied = aim !== undefined && index === tie
            ? times(aim, 1 / product(layers.slice(tie).map(factorOf)))
            : undefined;
          unit = units.weigh(weighing, unit, tied);
          unit = times(unit, factorOf(layer));
          most = layer.activation === "round"
            ? mostOf(layer)
            : raw
            ? MOST_RAW
            : INTEGER_LIMIT;
          break;
        }
        case "averagePool2d":
        case "globalAveragePool2d":
          if (typeof layer.shift === "object") {
            refuse(spec, "sums of places must have one shift", layer.shift);
          }
          unit = times(unit, factorOf(layer));
          most = layer.activation === "round"
            ? mostOf(layer)
            : most * countPlaces(shape);
          break;
        case "residual": {
          if (typeof layer.shift === "object") {
            refuse(spec, "residual sums must have one shift", layer.shift);
          }
          const own = times(unit, 2 ** -(layer.lift ?? 0));
          walk(layer.layers, { unit, most }, own);
          unit = times(own, factorOf(layer));
          most = layer.activation === "round" ? mostOf(layer) : INTEGER_LIMIT;
          break;
        }
        case "maxPool2d":
        case "globalMaxPool2d":
        case "flatten":
        case "dropout":
        case "softmax":
          break;
        default:
          layer satisfies never;
      }
    });
    return { unit, most };
  };
  return walk(spec.layers, { unit: units.first, most: LARGEST_BYTE }).unit;
}

/** Of sums that aren't rounded, but added to what a residual layer reads: half of all there is. */
const MOST_RAW = INTEGER_LIMIT / 2;

/** What a layer's weights are bounded by, that reads numbers up to `most`. */
function weighingOf(
  shape: LayerShape,
  place: number,
  constraints: readonly Constraint[],
  most: number,
  raw: boolean,
): Weighing {
  const { layer, weights: [kernel, bias] } = shape;
  const { shift = 0, slope = 1, activation } = "activation" in layer
    ? layer
    : {};
  const shifts = [shift].flat();
  const largest = mostShift(shift);
  const limit = raw ? MOST_RAW : INTEGER_LIMIT;
  // A quarter for biases and for what rounding adds: few ask for a thousandth.
  const mostBias = limit / 4;
  const added = activation === "round" ? halfOf(largest - Math.log2(slope)) : 0;
  const budget = Math.floor((limit - 1 - mostBias - added) / most);
  const constraint = constraints[2 * place];
  // ±1 can't be drawn to 0: as many that reach the bound are refused where it is checked.
  const levels = constraint.kind === "uniform" && constraint.bits > 1
    ? -levelRange(constraint.bits).lowest
    : 0;
  const inputs = product(kernel) / product(bias);
  return {
    shape,
    place,
    shifts,
    spread: shifts.map((own) => 2 ** (largest - own)),
    ...inputs * levels > budget && { budget },
    mostBias,
  };
}

/** The largest power of two that a bias's levels may be multiples of. */
export function mostPower(
  { bits }: UniformConstraint,
  mostBias: number,
): number {
  return mostBias / -levelRange(bits).lowest;
}

/** Throws a `RangeError` unless `constraint` is one of a kernel of integers. */
export function checkKernel(
  spec: ModelSpec,
  constraint: Constraint,
): UniformConstraint {
  if (constraint.kind !== "uniform") {
    refuse(spec, "a kernel's weights must have 1 to 8 bits", constraint.kind);
  }
  if (constraint.perChannel) {
    refuse(
      spec,
      "a kernel must have one step: channels differ by their shifts",
      "one a channel",
    );
  }
  return constraint;
}

/**
 * What is trained where the model of integers `spec` is begun from real `weights`, as
 * `startVariables` has it for others: each kernel and the octave of its step s, of least
 * squared error; each bias and the exponent of the power of two that its integers are
 * multiples of. Where shifts differ by channel, so do steps: by the same powers of two.
 *
 * `constraints` are one a weight: `uniform` ones with one step for kernels, `uniform`,
 * `half` or `free` for biases, the last two of which leave them any integers.
 *
 * Throws a `RangeError` for other constraints, and for layers whose units don't fit.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseLayers } from "../../models/parse_layers.ts";
 * import { startIntegers } from "./integers.ts";
 *
 * const spec = parseLayers("dense1:round7", { input: [1, 1, 1], classes: 1 });
 * const constraint = { kind: "uniform", bits: 3, perChannel: false, powerOfTwo: false } as const;
 * const variables = startIntegers(
 *   spec,
 *   [constraint, { kind: "free" }, constraint, { kind: "free" }],
 *   [[[1, 1], 1.5], [[1], 0.1], [[1, 1], -1], [[1], 0]].map(([shape, value]) => ({
 *     shape: [shape].flat(),
 *     values: Float32Array.of(Number(value)),
 *   })),
 * );
 * assertEquals(variables.map(({ shape }) => shape), [[1, 1], [1], [1], [1, 1], [1], [1]]);
 * ```
 */
export function startIntegers(
  spec: ModelSpec,
  constraints: Constraint[],
  weights: FloatArray[],
): FloatArray[] {
  checkConstraints(constraints, weights.map(({ shape }) => shape));
  const variables: FloatArray[] = [];
  const row = (value: number) => ({
    shape: [1],
    values: Float32Array.of(value),
  });
  findUnit<number>(spec, constraints, {
    first: 1 / LARGEST_BYTE,
    times: (unit, factor) => unit * factor,
    weigh({ place, spread, mostBias }, reads, tied) {
      const kernel = checkKernel(spec, constraints[2 * place]);
      const weight = weights[2 * place];
      const kept = kernel.mask ? keepWeights(weight, kernel.mask) : weight;
      const step = tied === undefined
        ? chooseStep(spreadOut(kept.values, spread), kernel)
        : tied / reads;
      variables.push(kept, row(octaveOf(step)));
      const unit = step * reads;
      const bias = constraints[2 * place + 1];
      const { shape, values } = weights[2 * place + 1];
      variables.push({ shape, values });
      if (bias.kind === "uniform") {
        const sums = spreadOut(values, spread).map((value) => value / unit);
        const power = chooseStep(sums, { bits: bias.bits, powerOfTwo: true });
        variables.push(
          row(Math.log2(
            Math.min(Math.max(power, 1), mostPower(bias, mostBias)),
          )),
        );
      }
      return unit;
    },
  });
  return variables;
}

/** The largest power of two that all of `values`, integers, are multiples of; 1 of zeros. */
function commonPower(values: Float32Array): number {
  const all = values.reduce((bits, value) => bits | Math.abs(value), 0);
  return all === 0 ? 1 : all & -all;
}

/** `values` of channels over their steps' factors. */
export function spreadOut(
  values: Float32Array,
  spread: readonly number[],
): Float32Array {
  return values.map((value, i) => value / spread[i % spread.length]);
}

/** `change` of x, whose gradient passes as if there were none. */
function straightThrough(
  x: tf.Tensor,
  change: (x: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  const forward = () => ({ value: change(x), saved: [] });
  return withGradient([x], forward, (dy) => [tf.clone(dy)]);
}

/** The integers of which `held` are multiples by `steps` `[c]`, of each channel one. */
function levelsOf(held: tf.Tensor, steps: tf.Tensor): tf.Tensor {
  const rows = tf.reshape(held, [-1, steps.size]);
  return tf.reshape(straightThrough(tf.div(rows, steps), tf.round), held.shape);
}

/**
 * W of `channels`, towards 0 by the factor f = min(1, `budget` / Σ|W|) of each, so that
 * Σ|W| ≤ `budget`; ∂L/∂W = f · ∂L/∂W′.
 *
 * Source: Colbert et al., "A2Q: Accumulator-Aware Quantization with Guaranteed Overflow
 * Avoidance", 2023.
 */
function holdSums(
  levels: tf.Tensor,
  channels: number,
  budget: number,
): tf.Tensor {
  const forward = () => {
    const rows = tf.reshape(levels, [-1, channels]);
    const sums = tf.sum(tf.abs(rows), 0);
    const factors = tf.minimum(tf.div(budget, tf.maximum(sums, 1)), 1);
    const held = tf.mul(
      tf.sign(rows),
      tf.floor(tf.mul(tf.abs(rows), factors)),
    );
    return { value: tf.reshape(held, levels.shape), saved: [factors] };
  };
  return withGradient([levels], forward, (dy, [factors]) => [
    tf.reshape(tf.mul(tf.reshape(dy, [-1, channels]), factors), dy.shape),
  ]);
}

/** What a model of integers computes with. */
export interface AppliedIntegers {
  /** Kernels and biases, of integers. */
  weights: tf.Tensor[];
  /** What the logits' sums are multiples of: `[1]`. */
  unit: tf.Tensor;
  /**
   * Mean of log₂(1 + |w/s|) over the weights of 2 bits to 8, as `measureRate` has it:
   * `[]`.
   */
  rate: tf.Scalar;
}

/**
 * The integers that the model `spec` computes with, from what is trained: `variables`, in the
 * order of {@linkcode startIntegers}. Kernels are W = q(w, s), levels of `quantiseUniform`, and
 * biases B = 2^e · q(b, 2^e · δ), where δ is the unit of their layer's sums: s times that of
 * what it reads.
 *
 * Σ|W| of no output is beyond what keeps sums below 2^24, whatever the image: where as many
 * levels could be, they are drawn towards 0.
 *
 * Differentiable by every variable, with roundings straight-through; `pull` is that of
 * `applyConstraints`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { useCpu } from "../../device/cpu.ts";
 * import { parseLayers } from "../../models/parse_layers.ts";
 * import * as tf from "../../tf.ts";
 * import { applyIntegers } from "./integers.ts";
 *
 * await useCpu();
 * const spec = parseLayers("flatten", { input: [1, 1, 1], classes: 2 });
 * const last = spec.layers.map((layer) => layer.kind === "dense" ? { ...layer, shift: 4 } : layer);
 * const uniform = { kind: "uniform", bits: 3, perChannel: false, powerOfTwo: false } as const;
 * const { weights } = applyIntegers({ ...spec, layers: last }, [uniform, { kind: "free" }], [
 *   tf.tensor2d([[1.6, -2.4]]),
 *   tf.tensor1d([-1]), // s = 2⁻¹
 *   tf.tensor1d([1, 0]), // of units of 1/510
 * ]);
 * assertEquals([...await weights[0].data(), ...await weights[1].data()], [3, -4, 510, 0]);
 * ```
 */
export function applyIntegers(
  spec: ModelSpec,
  constraints: Constraint[],
  variables: tf.Tensor[],
  pull = 0,
): AppliedIntegers {
  const groups = groupVariables(constraints, variables);
  const weights: tf.Tensor[] = [];
  let rate = tf.scalar(0);
  let count = 0;
  const addRate = (weight: tf.Tensor, steps: tf.Tensor, bits: number) => {
    if (bits === 1) return;
    rate = tf.add(rate, sumLevelBits(weight, steps));
    count += weight.size;
  };
  const unit = findUnit<tf.Tensor>(spec, constraints, {
    first: tf.tensor1d([1 / LARGEST_BYTE]),
    times: (unit, factor) => factor === 1 ? unit : tf.mul(unit, factor),
    weigh({ place, spread, budget, mostBias }, reads, tied) {
      const kernel = checkKernel(spec, constraints[2 * place]);
      const [latent, octaves] = groups[2 * place];
      const step = tied === undefined
        ? trainedSteps(kernel, latent.size, octaves)
        // Each variable has a gradient: 0 of a step that has no choice.
        : tf.add(tf.div(tied, reads), tf.mul(octaves, 0));
      const factors = spread.length === 1 ? undefined : tf.tensor1d(spread);
      const steps = factors ? tf.mul(step, factors) : step;
      const masked = kernel.mask ? applyMask(latent, kernel.mask) : latent;
      const held = quantiseUniform(masked, steps, kernel.bits, pull);
      const levels = levelsOf(held, steps);
      addRate(latent, steps, kernel.bits);

      const bias = constraints[2 * place + 1];
      const [real, exponent] = groups[2 * place + 1];
      weights.push(
        budget === undefined ? levels : holdSums(levels, real.size, budget),
      );
      const unit = tf.mul(step, reads);
      const units = factors ? tf.mul(unit, factors) : unit;
      if (bias.kind === "uniform") {
        const rounded = trainedSteps(
          { ...bias, powerOfTwo: true },
          real.size,
          exponent,
        );
        const power = straightThrough(
          rounded,
          (x) => tf.clipByValue(x, 1, mostPower(bias, mostBias)),
        );
        const multiples = tf.mul(power, units);
        const held = quantiseUniform(real, multiples, bias.bits, pull);
        weights.push(tf.mul(levelsOf(held, multiples), power));
        addRate(real, multiples, bias.bits);
      } else {
        weights.push(straightThrough(
          tf.div(real, units),
          (x) => tf.clipByValue(tf.round(x), -mostBias, mostBias),
        ));
      }
      return unit;
    },
  });
  return {
    weights,
    unit,
    rate: tf.div(rate, Math.max(count, 1) * Math.LN2),
  };
}

/** A model of integers as a file holds it, its weights on the device. */
export interface IntegerModel {
  /** Its layers, the logits' shift among them. */
  spec: ModelSpec;
  /** Kernels and biases. */
  weights: tf.Tensor[];
}

/**
 * The model of integers that `variables` stand for: weights as {@linkcode applyIntegers} makes
 * them, and the shift of the logits whose power of two is nearest to the unit of their sums.
 *
 * Throws a `RangeError` where a sum could reach 2^24, as `boundIntegers` does.
 */
export async function readIntegers(
  spec: ModelSpec,
  constraints: Constraint[],
  variables: tf.Tensor[],
): Promise<IntegerModel> {
  const [unit, ...weights] = tf.tidy(() => {
    const applied = applyIntegers(spec, constraints, variables);
    return [applied.unit, ...applied.weights].map((each) => tf.clone(each));
  });
  const [step] = await unit.data();
  unit.dispose();
  const values = await Promise.all(
    weights.map(async (weight): Promise<FloatArray> => ({
      shape: weight.shape,
      values: Float32Array.from(await weight.data()),
    })),
  );
  // What is no number diverges by its loss.
  if (values.every(({ values }) => values.every(Number.isFinite))) {
    boundIntegers(spec, values);
  }
  return { spec: withLogitShift(spec, step), weights };
}

/**
 * What {@linkcode readIntegers} reads, in the form in which a file holds it: kernels and
 * biases as levels of their bits, biases of any integers as float32s.
 */
export async function encodeIntegers(
  spec: ModelSpec,
  constraints: Constraint[],
  variables: tf.Tensor[],
): Promise<{ spec: ModelSpec; tensors: EncodedTensor[] }> {
  const model = await readIntegers(spec, constraints, variables);
  const tensors = await Promise.all(
    model.weights.map(async (weight, index): Promise<EncodedTensor> => {
      const { shape } = weight;
      const values = Float32Array.from(await weight.data());
      const constraint = constraints[index];
      if (constraint.kind !== "uniform") {
        return { kind: "float", shape, bits: 32, values };
      }
      const scale = shape.length === 1 ? commonPower(values) : 1;
      return {
        kind: "uniform",
        shape,
        bits: constraint.bits,
        scale: Float32Array.of(scale),
        levels: Int8Array.from(values, (value) => value / scale),
      };
    }),
  );
  tf.dispose(model.weights);
  return { spec: model.spec, tensors };
}
