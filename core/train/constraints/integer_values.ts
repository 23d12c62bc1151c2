import {
  levelRange,
  roundLevel,
} from "../../kernels/quantise_uniform/round_level.ts";
import { roundStep } from "../../kernels/round_steps/round_step.ts";
import { LARGEST_BYTE } from "../../models/integer.ts";
import type { ModelSpec } from "../../models/spec.ts";
import {
  type HeldRow,
  isCounted,
  type LevelPenalties,
  passLevels,
  riseOfStep,
} from "./constrain_values.ts";
import type { Constraint, UniformConstraint } from "./constraint.ts";
import { groupVariables } from "./group_variables.ts";
import { checkKernel, findUnit, mostPower, type Weighing } from "./integers.ts";
import { slopeOfSteps } from "./trained_steps.ts";

/** A kernel and a bias, and where their numbers stand. */
interface Pair {
  weighing: Weighing;
  /** What multiplies the unit of the sums before, one after another, for that of what is read. */
  factors: number[];
  kernel: UniformConstraint;
  bias: Constraint;
  /** How many weights each has. */
  sizes: { kernel: number; bias: number };
  /** The first of the kernel's weights among all; the bias's come next. */
  weight: number;
  /** The first of its variables: the kernel, its octave, the bias and perhaps its exponent. */
  variable: number;
}

/** Units of a row of layers as one number times others, in their order. */
interface Factors {
  factors: number[];
}

/** The layers with weights of `spec`, a row without residual layers, and what is behind the last. */
function listPairs(
  spec: ModelSpec,
  constraints: readonly Constraint[],
  sizes: readonly number[],
): { pairs: Pair[]; factors: number[] } {
  const groups = groupVariables(constraints, sizes);
  const pairs: Pair[] = [];
  let [weight, variable] = [0, 0];
  const { factors } = findUnit<Factors>(spec, constraints, {
    first: { factors: [1 / LARGEST_BYTE] },
    times: ({ factors }, factor) => ({
      factors: factor === 1 ? factors : [...factors, factor],
    }),
    weigh(weighing, { factors }) {
      const { place } = weighing;
      const own = groups.slice(2 * place, 2 * place + 2);
      const [[kernel], [bias]] = own;
      pairs.push({
        weighing,
        factors,
        kernel: checkKernel(spec, constraints[2 * place]),
        bias: constraints[2 * place + 1],
        sizes: { kernel, bias },
        weight,
        variable,
      });
      weight += kernel + bias;
      variable += own.flat().reduce((sum, size) => sum + size, 0);
      return { factors: [] };
    },
  });
  return { pairs, factors };
}

/** The variables of `pair` by what they are, as parts of `variables`, or of their gradient. */
function partsOf({ variable, sizes, bias }: Pair, variables: Float32Array) {
  const start = variable + sizes.kernel + 1;
  const end = start + sizes.bias;
  return {
    latent: variables.subarray(variable, start - 1),
    octave: variables.subarray(start - 1, start),
    real: variables.subarray(start, end),
    exponent: variables.subarray(end, end + Number(bias.kind === "uniform")),
  };
}

/** A pair as integers. */
interface HeldPair {
  /** The kernel's step, and that times what is read: where the shift is the largest. */
  step: number;
  unit: number;
  /** Both of each shift. */
  steps: Float32Array;
  units: Float32Array;
  /** W before a budget, and by what each channel's is drawn to that, where it has one. */
  levels: Float32Array;
  shares?: Float32Array;
  /** What the bias's integers are multiples of, before and after its bounds; 1 of any integers. */
  rounded: number;
  power: number;
  /** The kernel W and the bias B, as `applyIntegers` has them. */
  weights: Float32Array;
}

/** The level of each of `weights`, of `steps` that channels share in turn. */
function levelsOf(
  { bits, mask }: Pick<UniformConstraint, "bits" | "mask">,
  weights: Float32Array,
  steps: Float32Array,
): Float32Array<ArrayBuffer> {
  const range = levelRange(bits);
  const levels = new Float32Array(weights.length);
  for (let i = 0, channel = 0; i < levels.length; i++) {
    const kept = mask?.[i] === 0 ? 0 * weights[i] : weights[i];
    levels[i] = roundLevel(kept, steps[channel], range);
    if (++channel === steps.length) channel = 0;
  }
  return levels;
}

/** f = min(1, budget / Σ|W|) of each of `channels`. */
function sharesOf(
  levels: Float32Array,
  channels: number,
  budget: number,
): Float32Array {
  const sums = new Float32Array(channels);
  for (let i = 0; i < levels.length; i++) {
    sums[i % channels] += Math.abs(levels[i]);
  }
  return sums.map((sum) => Math.min(budget / Math.max(sum, 1), 1));
}

/** The integers of `pair`, where the sums before are multiples of `unit`. */
function holdPair(
  pair: Pair,
  variables: Float32Array,
  before: number,
): HeldPair {
  const { weighing, kernel, bias, sizes } = pair;
  const { spread, budget, mostBias } = weighing;
  const { latent, octave, real, exponent } = partsOf(pair, variables);
  const step = roundStep(octave[0], kernel.powerOfTwo);
  const reads = pair.factors.reduce(
    (unit, factor) => Math.fround(unit * Math.fround(factor)),
    before,
  );
  const unit = Math.fround(step * reads);
  const steps = Float32Array.from(spread, (factor) => step * factor);
  const units = Float32Array.from(spread, (factor) => unit * factor);
  const levels = levelsOf(kernel, latent, steps);
  const shares = budget === undefined
    ? undefined
    : sharesOf(levels, sizes.bias, budget);
  const weights = new Float32Array(sizes.kernel + sizes.bias);
  for (let i = 0; i < sizes.kernel; i++) {
    const level = levels[i];
    weights[i] = shares
      ? Math.sign(level) *
        Math.floor(Math.fround(Math.abs(level) * shares[i % sizes.bias]))
      : level;
  }
  const biases = weights.subarray(sizes.kernel);
  if (bias.kind !== "uniform") {
    for (let i = 0; i < sizes.bias; i++) {
      const whole = roundToEven(Math.fround(real[i] / units[i % units.length]));
      biases[i] = Math.min(Math.max(whole, -mostBias), mostBias);
    }
    return {
      step,
      unit,
      steps,
      units,
      levels,
      shares,
      rounded: 1,
      power: 1,
      weights,
    };
  }
  const rounded = roundStep(exponent[0], true);
  const power = Math.min(Math.max(rounded, 1), mostPower(bias, mostBias));
  const multiples = units.map((unit) => unit * power);
  biases.set(levelsOf(bias, real, multiples).map((level) => level * power));
  return { step, unit, steps, units, levels, shares, rounded, power, weights };
}

/** The nearest integer, of two the even one: `tf.round`. */
function roundToEven(x: number): number {
  const up = Math.floor(x + 0.5);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/** Of a pair: writes ∂L/∂variable to `gradient`, and returns ∂L/∂ln(unit), and the bits that are counted. */
function passPair(
  pair: Pair,
  { step, steps, units, levels, shares, rounded, power, weights }: HeldPair,
  { variables, given, gradient, rise }: {
    variables: Float32Array;
    /** ∂L/∂W and ∂L/∂B. */
    given: Float32Array;
    gradient: Float32Array;
    /** ∂L/∂ln(unit) by all that comes behind. */
    rise: number;
  },
  penalties: LevelPenalties,
): { rise: number; bits: number } {
  const { kernel, bias, sizes, weighing: { spread } } = pair;
  const { latent, octave, real, exponent } = partsOf(pair, variables);
  const to = partsOf(pair, gradient);
  const dBias = given.subarray(sizes.kernel);
  const channels = sizes.bias;
  let counted = 0;
  let all = rise;
  if (bias.kind === "uniform") {
    const multiples = units.map((unit) => unit * power);
    const { rises, bits } = passQuotients(
      { constraint: bias, steps: multiples },
      {
        weights: real,
        levels: weights.subarray(sizes.kernel).map((value) => value / power),
        given: dBias.map((slope) => slope * power),
        gradient: to.real,
      },
      penalties,
    );
    counted += bits;
    let dPower = 0;
    for (let i = 0; i < channels; i++) {
      dPower += dBias[i] * weights[sizes.kernel + i] / power;
    }
    rises.forEach((own, i) => {
      dPower += own * units[i];
      all += own * multiples[i];
    });
    to.exponent[0] = dPower * riseOfStep(exponent[0], rounded, true) *
      slopeOfSteps(bias, channels, 1);
  } else {
    for (let i = 0; i < channels; i++) {
      const unit = units[i % units.length];
      to.real[i] = dBias[i] / unit;
      all -= dBias[i] * real[i] / unit;
    }
  }
  const dLevels = given.slice(0, sizes.kernel);
  if (shares) {
    for (let i = 0; i < dLevels.length; i++) {
      dLevels[i] *= shares[i % channels];
    }
  }
  const { rises, bits } = passQuotients({ constraint: kernel, steps }, {
    weights: latent,
    levels,
    given: dLevels,
    gradient: to.latent,
  }, penalties);
  counted += bits;
  const dStep = rises.reduce((sum, own, i) => sum + own * spread[i], 0) +
    all / step;
  to.octave[0] = dStep * riseOfStep(octave[0], step, kernel.powerOfTwo) *
    slopeOfSteps(kernel, sizes.kernel, 1);
  return { rise: all, bits: counted };
}

/**
 * What is given back of the integers ŵ/s, where ŵ is `passLevels`'s, of ∂L/∂(ŵ/s), `given`:
 * ∂L/∂w and the same two as it gives.
 */
function passQuotients(
  { constraint, steps }: {
    constraint: UniformConstraint;
    steps: Float32Array;
  },
  { weights, levels, given, gradient }: {
    weights: Float32Array;
    levels: Float32Array;
    given: Float32Array;
    gradient: Float32Array;
  },
  { pull, share }: LevelPenalties,
): { rises: Float64Array; bits: number } {
  const { length } = steps;
  const slopes = given.map((slope, i) => slope / steps[i % length]);
  const passed = passLevels(
    constraint,
    steps,
    { weights, given: slopes, gradient },
    { pull, share: isCounted(constraint) ? share : 0 },
  );
  for (let i = 0; i < levels.length; i++) {
    passed.rises[i % length] -= slopes[i] * levels[i];
  }
  return passed;
}

/**
 * How a row of layers of integers is held, in plain TypeScript: what `applyIntegers` makes of
 * the trained variables, and its gradients, which takes less for a few thousand weights than
 * tfjs's operations take to be called. Weights come divided by 2^s, where s is the shift behind
 * their sums; those of the last layer times the unit of its sums instead, so that what they give
 * are the real logits that the loss reads.
 *
 * `undefined` where the units of layers depend on each other (residual layers), or sums are
 * rounded, or averaged, behind the last weights.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseLayers } from "../../models/parse_layers.ts";
 * import { holdIntegers } from "./integer_values.ts";
 *
 * const spec = parseLayers("flatten", { input: [1, 1, 1], classes: 2 });
 * const layers = spec.layers.map((layer) => layer.kind === "dense" ? { ...layer, shift: 4 } : layer);
 * const uniform = { kind: "uniform", bits: 3, perChannel: false, powerOfTwo: false } as const;
 * const row = holdIntegers({ ...spec, layers }, [uniform, { kind: "free" }], [2, 1, 2]);
 * // W = (3, −4), of steps of 2⁻¹, and B = (510, 0), of units of 1/510.
 * const values = row?.values(Float32Array.of(1.6, -2.4, -1, 1, 0));
 * const unit = Math.fround(1 / 510);
 * assertEquals(values, Float32Array.of(3 * unit, -4 * unit, 510 * unit, 0));
 * ```
 */
export function holdIntegers(
  spec: ModelSpec,
  constraints: readonly Constraint[],
  sizes: readonly number[],
): HeldRow | undefined {
  if (spec.layers.some(({ kind }) => kind === "residual")) return undefined;
  const { pairs, factors } = listPairs(spec, constraints, sizes);
  const last = pairs.at(-1);
  if (!last || factors.length > 0) return undefined;
  const end = last.weight + last.sizes.kernel + last.sizes.bias;
  const counted = pairs.reduce(
    (sum, { kernel, bias, sizes }) =>
      sum + (isCounted(kernel) ? sizes.kernel : 0) +
      (isCounted(bias) ? sizes.bias : 0),
    0,
  );
  /** Each pair as integers, and what the last one's sums are multiples of. */
  const hold = (variables: Float32Array) => {
    let scale = 1;
    const held = pairs.map((pair) => {
      const own = holdPair(pair, variables, scale);
      scale = own.unit;
      return own;
    });
    return { held, scale };
  };
  /** Multiplies what belongs to each channel of a pair by what its sums are multiplied by. */
  const multiply = (numbers: Float32Array, scale: number) => {
    for (const pair of pairs) {
      const { weight, sizes, weighing: { shifts } } = pair;
      const factors = pair === last ? [scale] : shifts.map((s) => 2 ** -s);
      const size = sizes.kernel + sizes.bias;
      for (let i = 0; i < size; i++) {
        numbers[weight + i] *= factors[i % factors.length];
      }
    }
  };
  return {
    values(variables) {
      const { held, scale } = hold(variables);
      const values = new Float32Array(end);
      pairs.forEach(({ weight }, index) =>
        values.set(held[index].weights, weight)
      );
      multiply(values, scale);
      return values;
    },
    gradient(variables, slopes, { pull, rate }) {
      const { held, scale } = hold(variables);
      const given = slopes.slice();
      const gradient = new Float32Array(variables.length);
      const share = rate / (Math.max(counted, 1) * Math.LN2);
      multiply(given, scale);
      let [rise, bits] = [0, 0];
      const { weights } = held[held.length - 1];
      weights.forEach((weight, i) => rise += given[last.weight + i] * weight);
      for (let index = pairs.length - 1; index >= 0; index--) {
        const passed = passPair(pairs[index], held[index], {
          variables,
          given: given.subarray(pairs[index].weight),
          gradient,
          rise,
        }, { pull, share });
        rise = passed.rise;
        bits += passed.bits;
      }
      return { gradient, penalty: share * bits };
    },
  };
}
