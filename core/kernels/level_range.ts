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
 * import { levelRange } from "./level_range.ts";
 *
 * assertEquals(levelRange(3), { lowest: -4, highest: 3 });
 * assertEquals(levelRange(1), { lowest: -1, highest: 1 });
 * ```
 */
export function levelRange(bits: number): LevelRange {
  if (bits === 1) return { lowest: -1, highest: 1 };
  return { lowest: -(2 ** (bits - 1)), highest: 2 ** (bits - 1) - 1 };
}
