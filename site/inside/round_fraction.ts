/**
 * `value` to a 10,000th: enough to show, and the same on machines whose logarithms
 * differ in the last bit.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { roundFraction } from "./round_fraction.ts";
 *
 * assertEquals(roundFraction(2 / 3), 0.6667);
 * ```
 */
export function roundFraction(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
