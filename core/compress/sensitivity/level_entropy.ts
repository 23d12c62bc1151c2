/**
 * H = −Σ_v p_v · log₂ p_v over the values v of `levels`: bits a level, of the best
 * code that codes each for itself. 0 for no levels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { levelEntropy } from "./level_entropy.ts";
 *
 * assertEquals(levelEntropy(Int8Array.of(0, 0, 1, -1)), 1.5);
 * ```
 */
export function levelEntropy(levels: Int8Array): number {
  const counts = new Map<number, number>();
  for (const level of levels) counts.set(level, (counts.get(level) ?? 0) + 1);
  let entropy = 0;
  for (const count of counts.values()) {
    const share = count / levels.length;
    entropy -= share * Math.log2(share);
  }
  return entropy;
}
