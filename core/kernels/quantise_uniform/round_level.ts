/** The integer levels that n bits can hold. */
export interface LevelRange {
  /** −Qn: −2^(bits−1). */
  lowest: number;
  /** Qp: 2^(bits−1) − 1; 1 where bits = 1. */
  highest: number;
}

/**
 * The levels of `bits` bits, 1 to 8; of 1 bit the two levels −1 and 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { levelRange } from "./round_level.ts";
 *
 * assertEquals(levelRange(3), { lowest: -4, highest: 3 });
 * assertEquals(levelRange(1), { lowest: -1, highest: 1 });
 * ```
 */
export function levelRange(bits: number): LevelRange {
  if (bits === 1) return { lowest: -1, highest: 1 };
  return { lowest: -(2 ** (bits - 1)), highest: 2 ** (bits - 1) - 1 };
}

/**
 * The level of a weight: clip(⌊w/s + ½⌋, lowest, highest), or, where there are but
 * −1 and 1, the weight's sign, that of 0 being 1.
 *
 * `weight` and `step` are float32s and the step has at most 11 significant bits,
 * so that q·s and the distance w − q·s are exact: a quotient that was rounded
 * over a boundary is found, and every backend has the same level.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { levelRange } from "./round_level.ts";
 * import { roundLevel } from "./round_level.ts";
 *
 * assertEquals(roundLevel(-0.75, 0.5, levelRange(3)), -1);
 * assertEquals(roundLevel(9, 0.5, levelRange(3)), 3);
 * ```
 */
export function roundLevel(
  weight: number,
  step: number,
  { lowest, highest }: LevelRange,
): number {
  // The sum lets NaN through, by which divergence is found.
  if (lowest === -1) return 0 * weight + (weight >= 0 ? 1 : -1);
  // Beyond the clip no quotient is needed; NaN goes on.
  if (weight >= highest * step) return highest;
  if (weight <= lowest * step) return lowest;
  const near = Math.floor(weight / step + 0.5);
  const rest = weight - near * step;
  if (rest >= step / 2) return near + 1;
  return rest < -step / 2 ? near - 1 : near;
}
