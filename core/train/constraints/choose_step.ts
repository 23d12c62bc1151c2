import { levelRange } from "../../kernels/quantise_uniform/round_level.ts";
import { roundLevel } from "../../kernels/quantise_uniform/round_level.ts";
import { roundStep } from "../../kernels/round_steps/round_step.ts";
import { octaveOf } from "./octave_of.ts";

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
 * import { chooseStep } from "./choose_step.ts";
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
