import type { FloatArray } from "../../files/safetensors.ts";
import { channelCount } from "../../infer/channel_count.ts";
import {
  levelRange,
  roundLevel,
} from "../../kernels/quantise_uniform/round_level.ts";
import { roundStep } from "../../kernels/round_steps/round_step.ts";
import { checkConstraints } from "./check_constraints.ts";
import type {
  CodebookConstraint,
  Constraint,
  UniformConstraint,
} from "./constraint.ts";
import { keepWeights } from "./masks.ts";

/**
 * v = ⌊log₂ s⌋ + s / 2^⌊log₂ s⌋ − 1, what is trained in place of a step size s > 0: its
 * octave, and how far in that it lies. It is log₂ s at every power of two and a
 * straight line between, so that a change of v changes steps large and small by
 * the same share (Adam moves every variable by about its rate a step), and yet a
 * backend rounds none of what makes s of v. `roundStep` of core/kernels is its inverse.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { roundStep } from "../../kernels/round_steps/round_step.ts";
 * import { octaveOf } from "./start_variables.ts";
 *
 * assertEquals(octaveOf(0.375), -1.5);
 * assertEquals(roundStep(-1.5, false), 0.375);
 * ```
 */
export function octaveOf(step: number): number {
  const exponent = Math.floor(Math.log2(step));
  return exponent + step / 2 ** exponent - 1;
}

/** Steps tried between the least and the largest that can be best. */
const TRIES = 64;

/** Σ (w − s·q)² and the step of least error for these levels, Σ w·q / Σ q². */
function measureStep(weights: Float32Array, step: number, bits: number) {
  const range = levelRange(bits);
  let [error, product, square] = [0, 0, 0];
  for (const weight of weights) {
    const level = roundLevel(weight, step, range);
    error += (weight - step * level) ** 2;
    product += weight * level;
    square += level * level;
  }
  return { error, better: square > 0 ? product / square : step };
}

/** The float16 nearest to `step`, of those that can be steps. */
function nearestStep(step: number): number {
  return roundStep(octaveOf(step), false);
}

/** `TRIES` steps from `low` to `high` along a logarithmic scale. */
function spreadSteps(low: number, high: number): number[] {
  return Array.from(
    { length: TRIES },
    (_, i) => nearestStep(low * (high / low) ** (i / (TRIES - 1))),
  );
}

/** The powers of two from `low` to `high`, and those next to them. */
function listPowers(low: number, high: number): number[] {
  const first = Math.floor(Math.log2(low));
  return Array.from(
    { length: Math.ceil(Math.log2(high)) - first + 1 },
    (_, i) => roundStep(first + i, true),
  );
}

/**
 * The step size s that minimises Σ (w − s·q(w, s))² for `bits` bits, a float16 or
 * a power of two: of powers all that can be best; of float16s many along a
 * logarithmic scale, then many near the best, which is improved by turns of levels and
 * step as in Lloyd's algorithm. For weights that are all 0, 2^(1−bits).
 * Throws a `RangeError` where a weight isn't finite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chooseStep } from "./start_variables.ts";
 *
 * const weights = Float32Array.of(-0.75, -0.25, 0, 0.25, 0.5);
 * assertEquals(chooseStep(weights, { bits: 3, powerOfTwo: false }), 0.25);
 * ```
 */
export function chooseStep(
  weights: Float32Array,
  { bits, powerOfTwo }: { bits: number; powerOfTwo: boolean },
): number {
  const largest = weights.reduce((top, w) => Math.max(top, Math.abs(w)), 0);
  if (!Number.isFinite(largest)) {
    throw new RangeError(
      `Cannot choose a step size: weights must be finite: current value is ${largest}`,
    );
  }
  if (largest === 0) return 2 ** (1 - bits);
  let best = { step: 0, error: Infinity, better: 0 };
  const tryStep = (step: number) => {
    const measured = measureStep(weights, step, bits);
    if (!(measured.error < best.error)) return false;
    best = { step, ...measured };
    return true;
  };
  // The largest rounds every weight to 0 or ±1; the least clips all but a few.
  const [low, high] = [largest / -levelRange(bits).lowest / 8, 2 * largest];
  if (powerOfTwo) listPowers(low, high).forEach(tryStep);
  else {
    spreadSteps(low, high).forEach(tryStep);
    const apart = (high / low) ** (1 / (TRIES - 1));
    spreadSteps(best.step / apart, best.step * apart).forEach(tryStep);
    while (tryStep(nearestStep(best.better)));
  }
  return best.step;
}

/**
 * The codebook of least squared error for given indices: each entry the mean of
 * the weights that point to it, 0 where none do or where it stands for pruned
 * ones: `[size]`.
 */
function averageWeights(
  weights: Float32Array,
  { size, indices, pruned = false }: CodebookConstraint,
): FloatArray {
  const sums = new Float64Array(size);
  const counts = new Uint32Array(size);
  indices.forEach((entry, i) => {
    sums[entry] += weights[i];
    counts[entry]++;
  });
  const values = Float32Array.from(
    sums,
    (sum, entry) =>
      counts[entry] === 0 || (pruned && entry === 0) ? 0 : sum / counts[entry],
  );
  return { shape: [size], values };
}

/** Step sizes for `weight`, as the numbers that are trained. */
function startSteps(
  { shape, values }: FloatArray,
  { bits, perChannel, powerOfTwo }: UniformConstraint,
): FloatArray {
  const steps = perChannel ? channelCount(shape) : 1;
  const chosen = Array.from({ length: steps }, (_, channel) => {
    const own = Float32Array.from(
      { length: values.length / steps },
      (_, row) => values[row * steps + channel],
    );
    return octaveOf(chooseStep(own, { bits, powerOfTwo }));
  });
  return { shape: [steps], values: Float32Array.from(chosen) };
}

/**
 * What is trained where `weights` are held to `constraints`, before the first
 * step: the weight, with zeros where it is pruned; the weight and the step sizes of
 * least squared error (as `octaveOf` tells them); or a codebook's
 * entries, each the mean of its weights. In the order of the constraints.
 *
 * Throws a `RangeError` where a constraint doesn't go with its weight, or a weight that
 * is to be quantised isn't finite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { startVariables } from "./start_variables.ts";
 *
 * const weight = { shape: [4], values: Float32Array.of(-0.5, 0, 0.25, 0.5) };
 * const [kept, steps] = startVariables([weight], [
 *   { kind: "uniform", bits: 4, perChannel: false, powerOfTwo: true },
 * ]);
 * assertEquals(kept, weight);
 * assertEquals(steps.shape, [1]);
 * ```
 */
export function startVariables(
  weights: FloatArray[],
  constraints: Constraint[],
): FloatArray[] {
  checkConstraints(constraints, weights.map(({ shape }) => shape));
  return weights.flatMap((weight, index) => {
    const constraint = constraints[index];
    switch (constraint.kind) {
      case "free":
      case "half":
        return [weight];
      case "mask":
        return [keepWeights(weight, constraint.mask)];
      case "uniform": {
        const { mask } = constraint;
        const kept = mask ? keepWeights(weight, mask) : weight;
        return [kept, startSteps(kept, constraint)];
      }
      case "codebook":
        return [averageWeights(weight.values, constraint)];
    }
  });
}
