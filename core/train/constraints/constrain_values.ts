import { boundToHalf } from "./bound_to_half.ts";
import {
  levelRange,
  roundLevel,
} from "../../kernels/quantise_uniform/round_level.ts";
import {
  boundOctave,
  roundStep,
} from "../../kernels/round_steps/round_step.ts";
import type {
  Constraint,
  MaskConstraint,
  UniformConstraint,
} from "./constraint.ts";
import { groupVariables } from "./group_variables.ts";
import { slopeOfSteps } from "./trained_steps.ts";

/** Constraints of which {@linkcode constrainValues} knows the gradients: all but codebooks. */
export type PlainConstraint = Exclude<Constraint, { kind: "codebook" }>;

/** Whether every one of `constraints` is a {@linkcode PlainConstraint}. */
export function arePlain(
  constraints: readonly Constraint[],
): constraints is readonly PlainConstraint[] {
  return constraints.every(({ kind }) => kind !== "codebook");
}

/** A constraint, and where its numbers stand among all. */
interface Place {
  constraint: PlainConstraint;
  size: number;
  /** The first of its weights among all weights. */
  weight: number;
  /** The first of what is trained for them among all variables; its steps come next. */
  variable: number;
  /** How many step sizes it has. */
  steps: number;
}

/** Where the numbers of `constraints` stand; `sizes` are their variables', in order. */
export function placeConstraints(
  constraints: readonly PlainConstraint[],
  sizes: readonly number[],
): Place[] {
  let [weight, variable] = [0, 0];
  return groupVariables(constraints, sizes).map(([size, steps = 0], index) => {
    const place = {
      constraint: constraints[index],
      size,
      weight,
      variable,
      steps,
    };
    weight += size;
    variable += size + steps;
    return place;
  });
}

/** The step sizes that `variables` stand for at `place`. */
function stepsOf(
  { powerOfTwo }: UniformConstraint,
  { variable, size, steps }: Place,
  variables: Float32Array,
): Float64Array {
  const first = variable + size;
  return Float64Array.from(
    variables.subarray(first, first + steps),
    (octave) => roundStep(octave, powerOfTwo),
  );
}

/**
 * The weights that a model of constraints computes with, one after another, of the trained
 * `variables`: what `applyConstraints` makes, to the bit, by plain TypeScript, which
 * takes less for a few thousand weights than tfjs's operations take to be called.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { constrainValues, placeConstraints } from "./constrain_values.ts";
 *
 * const uniform = { kind: "uniform", bits: 2, perChannel: false, powerOfTwo: true } as const;
 * const places = placeConstraints([uniform], [3, 1]);
 * const variables = Float32Array.of(-0.9, 0.2, 0.6, -1); // s = 2⁻¹
 * assertEquals(constrainValues(places, variables), Float32Array.of(-1, 0, 0.5));
 * ```
 */
export function constrainValues(
  places: readonly Place[],
  variables: Float32Array,
): Float32Array<ArrayBuffer> {
  const total = places.reduce((sum, { size }) => sum + size, 0);
  const weights = new Float32Array(total);
  for (const place of places) {
    const { constraint, size, weight, variable } = place;
    const own = variables.subarray(variable, variable + size);
    switch (constraint.kind) {
      case "free":
        weights.set(own, weight);
        break;
      case "half":
        weights.set(own.map(boundToHalf), weight);
        break;
      case "mask":
        for (let i = 0; i < size; i++) {
          weights[weight + i] = own[i] * constraint.mask[i];
        }
        break;
      case "uniform": {
        const { bits, mask } = constraint;
        const range = levelRange(bits);
        const steps = stepsOf(constraint, place, variables);
        for (let i = 0, channel = 0; i < size; i++) {
          const step = steps[channel];
          const value = mask?.[i] === 0 ? 0 * own[i] : own[i];
          weights[weight + i] = step * roundLevel(value, step, range);
          if (++channel === steps.length) channel = 0;
        }
        break;
      }
      default:
        constraint satisfies never;
    }
  }
  return weights;
}

/** What is learnt by besides a loss's gradient. */
export interface ConstraintPenalties {
  /** How strongly quantised weights are drawn to their levels: `quantiseUniform`'s. */
  pull: number;
  /** What `measureRate` counts in the loss. */
  rate: number;
}

/** A gradient by variables, and what the penalty adds to the loss. */
export interface ConstrainedGradient {
  /** ∂L/∂variable, in the order of variables. */
  gradient: Float32Array<ArrayBuffer>;
  /** `rate` · `measureRate`. */
  penalty: number;
}

/** {@linkcode HeldRow} of a model of real numbers: {@linkcode constrainValues}, and {@linkcode constrainGradient}. */
export function holdPlain(
  constraints: readonly PlainConstraint[],
  sizes: readonly number[],
): HeldRow {
  const places = placeConstraints(constraints, sizes);
  return {
    values: (variables) => constrainValues(places, variables),
    gradient: (variables, slopes, penalties) =>
      constrainGradient(places, variables, slopes, penalties),
  };
}

/** How a model's weights, all in one row, are held to their constraints. */
export interface HeldRow {
  /** What `rowGradient` of core/kernels computes with, of the trained `variables`. */
  values(variables: Float32Array): Float32Array<ArrayBuffer>;
  /** ∂L/∂variable of a loss whose gradient by those values is `slopes`. */
  gradient(
    variables: Float32Array,
    slopes: Float32Array,
    penalties: ConstraintPenalties,
  ): ConstrainedGradient;
}

/**
 * ∂L/∂variable of a loss L whose gradient by weights is `slopes`, as `applyConstraints` and
 * `measureRate` have it: roundings straight-through, steps learnt, masks exact.
 */
export function constrainGradient(
  places: readonly Place[],
  variables: Float32Array,
  slopes: Float32Array,
  { pull, rate }: ConstraintPenalties,
): ConstrainedGradient {
  const gradient = new Float32Array(variables.length);
  const counted = places.reduce(
    (sum, { constraint, size }) => sum + (isCounted(constraint) ? size : 0),
    0,
  );
  const share = rate / (Math.max(counted, 1) * Math.LN2);
  let bits = 0;
  for (const place of places) {
    const { constraint, size, weight, variable } = place;
    const given = slopes.subarray(weight, weight + size);
    switch (constraint.kind) {
      case "free":
      case "half":
        gradient.set(given, variable);
        break;
      case "mask":
        addMasked(constraint, given, gradient.subarray(variable));
        break;
      case "uniform":
        bits += addUniform(constraint, place, { variables, given, gradient }, {
          pull,
          share: isCounted(constraint) ? share : 0,
        });
        break;
      default:
        constraint satisfies never;
    }
  }
  return { gradient, penalty: share * bits };
}

/** Whether `measureRate` counts its weights. */
export function isCounted(constraint: Constraint): boolean {
  return constraint.kind === "uniform" && constraint.bits > 1;
}

function addMasked(
  { mask }: MaskConstraint,
  given: Float32Array,
  gradient: Float32Array,
): void {
  for (let i = 0; i < given.length; i++) gradient[i] = given[i] * mask[i];
}

/** What one tensor of levels is learnt by. */
export interface LevelPenalties {
  /** How strongly its weights are drawn to their levels. */
  pull: number;
  /** What a bit of it counts in the loss. */
  share: number;
}

/**
 * What `quantiseUniform` and `sumLevelBits` give back of one tensor, `weights`, whose channels
 * have `steps`: of ∂L/∂ŵ, `given`, writes ∂L/∂w to `gradient`, and returns ∂L/∂s of each step,
 * and the bits that the penalty counts.
 */
export function passLevels(
  { bits, mask }: Pick<UniformConstraint, "bits" | "mask">,
  steps: ArrayLike<number>,
  { weights, given, gradient }: {
    weights: Float32Array;
    given: ArrayLike<number>;
    gradient: Float32Array;
  },
  { pull, share }: LevelPenalties,
): { rises: Float64Array<ArrayBuffer>; bits: number } {
  const range = levelRange(bits);
  const rises = new Float64Array(steps.length);
  let sum = 0;
  for (let i = 0, channel = 0; i < weights.length; i++) {
    const step = steps[channel];
    const weight = weights[i];
    const kept = mask?.[i] === 0 ? 0 * weight : weight;
    const slope = given[i];
    const level = roundLevel(kept, step, range);
    let own: number;
    if (bits === 1) {
      own = slope;
      rises[channel] += slope * level;
    } else if (kept >= range.lowest * step && kept <= range.highest * step) {
      own = slope + pull * (kept - step * level);
      rises[channel] += slope * (level - kept / step);
    } else {
      own = level === level ? 0 : NaN;
      rises[channel] += slope * level;
    }
    if (mask) own *= mask[i];
    if (share !== 0) {
      const length = Math.abs(weight);
      const rise = share / (length + step);
      sum += Math.log1p(length / step);
      own += Math.sign(weight) * rise;
      rises[channel] -= length * rise / step;
    }
    gradient[i] = own;
    if (++channel === steps.length) channel = 0;
  }
  return { rises, bits: sum };
}

/** ∂s/∂v of the step s = `step` that the trained number `octave` stands for, as `roundSteps` has it. */
export function riseOfStep(
  octave: number,
  step: number,
  powerOfTwo: boolean,
): number {
  return powerOfTwo
    ? step * Math.LN2
    : 2 ** Math.floor(boundOctave(octave, powerOfTwo));
}

/** Writes what `passLevels` and `roundSteps` give back at `place`; returns the bits that are counted. */
function addUniform(
  constraint: UniformConstraint,
  place: Place,
  { variables, given, gradient }: {
    variables: Float32Array;
    given: Float32Array;
    gradient: Float32Array;
  },
  penalties: LevelPenalties,
): number {
  const { size, variable } = place;
  const end = variable + size;
  const steps = stepsOf(constraint, place, variables);
  const { rises, bits } = passLevels(constraint, steps, {
    weights: variables.subarray(variable, end),
    given,
    gradient: gradient.subarray(variable, end),
  }, penalties);
  const slope = slopeOfSteps(constraint, size, steps.length);
  steps.forEach((step, channel) => {
    const octave = variables[end + channel];
    const rise = riseOfStep(octave, step, constraint.powerOfTwo);
    gradient[end + channel] = rises[channel] * rise * slope;
  });
  return bits;
}
