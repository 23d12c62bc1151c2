/** Exponent of the smallest step, the smallest float16 with all its bits. */
export const LOWEST_OCTAVE = -14;
/** Exponent of the largest power of two among float16s. */
const HIGHEST_EXPONENT = 15;

/**
 * Steps from a power of two to the next: one, or sixteen, float16s whose last six bits
 * are 0. A step may be off by 3% at no cost that was seen; each bit of it that a file
 * holds is an eighth of a byte a tensor.
 */
export function stepsPerOctave(powerOfTwo: boolean): number {
  return powerOfTwo ? 1 : 16;
}

/** The octave of the largest step. */
export function highestOctave(powerOfTwo: boolean): number {
  const count = stepsPerOctave(powerOfTwo);
  return HIGHEST_EXPONENT + (count - 1) / count;
}

/** The octave within the bounds that is nearest to `octave`. */
export function boundOctave(octave: number, powerOfTwo: boolean): number {
  return Math.min(highestOctave(powerOfTwo), Math.max(LOWEST_OCTAVE, octave));
}

/**
 * The step size that the trained number v = `octave`, a float32, stands for: the
 * nearest of sixteen an octave to 2^⌊v⌋ · (1 + v − ⌊v⌋), or the power of two
 * 2^⌊v + ½⌋; from 2⁻¹⁴ to the largest there is. NaN of NaN.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { roundStep } from "./round_step.ts";
 *
 * assertEquals(roundStep(-1.25, false), 0.4375);
 * assertEquals(roundStep(-1.75, true), 0.25);
 * ```
 */
export function roundStep(octave: number, powerOfTwo: boolean): number {
  const count = stepsPerOctave(powerOfTwo);
  const bounded = boundOctave(octave, powerOfTwo);
  const exponent = Math.floor(bounded);
  // As float32s are added: the sums themselves may round up.
  const fraction = Math.fround((bounded - exponent) * count);
  const rounded = Math.floor(Math.fround(fraction + 0.5));
  return 2 ** exponent * (1 + rounded / count);
}
