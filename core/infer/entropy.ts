/**
 * The order-0 entropy of `values` in bits a value: −Σ p log2 p over the shares p
 * of the values that occur, 0 of none. No code that gives each value a word of its own
 * takes fewer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { entropy } from "./entropy.ts";
 *
 * assertEquals(entropy([0, 0, 1, 2]), 1.5);
 * ```
 */
export function entropy(values: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < values.length; i++) {
    counts.set(values[i], (counts.get(values[i]) ?? 0) + 1);
  }
  let bits = 0;
  for (const count of counts.values()) {
    bits -= count / values.length * Math.log2(count / values.length);
  }
  return bits;
}
