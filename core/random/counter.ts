import type { Xoshiro128 } from "./xoshiro128.ts";

/** Two 32-bit words that tell one counter-based sequence from another. */
export type CounterKey = readonly [number, number];

/** Mixes all bits of a 32-bit word, one to one. */
function mix(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0xd35a2d97);
  return word ^ (word >>> 15);
}

/**
 * Word `counter` of the sequence that belongs to `key`, uniform over the
 * integers of [0, 2³²):
 *
 * mix(mix(counter ⊕ key₀) ⊕ key₁), where mix(x) is, modulo 2³²,
 *
 * x ← x ⊕ (x ≫ 16);  x ← x · 0x21f0aaad
 * x ← x ⊕ (x ≫ 15);  x ← x · 0xd35a2d97
 * x ← x ⊕ (x ≫ 15)
 *
 * A word depends on nothing but its key and its number, so that any part of a
 * sequence can be made anywhere: by another thread, by a GPU, or by lanes of a
 * SIMD unit, for which a shift by another distance in each lane, or the upper half
 * of a product, would be slow. For one key the words of different counters differ:
 * mix is one to one. Keys are to be drawn at random: two that share their second
 * word have the same words in another order.
 *
 * Source of mix: "hash-prospector", Wellons and TheIronBorn, 2022, the constants
 * [16 21f0aaad 15 d35a2d97 15], whose bias, 0.108, is the least found; of the
 * two keyed rounds: Even and Mansour, "A construction of a cipher from a single
 * pseudorandom permutation", 1997.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { counterWord } from "./counter.ts";
 *
 * assertEquals(counterWord([1, 2], 3), 2_419_086_362);
 * ```
 */
export function counterWord(key: CounterKey, counter: number): number {
  return mix(mix(counter ^ key[0]) ^ key[1]) >>> 0;
}

/**
 * The next two words of `random` as a key.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawCounterKey } from "./counter.ts";
 * import { randomStream } from "./stream.ts";
 *
 * const key = drawCounterKey(randomStream(1, "dropout", 0));
 * assertEquals(drawCounterKey(randomStream(1, "dropout", 0)), key);
 * ```
 */
export function drawCounterKey(random: Xoshiro128): CounterKey {
  return [random.uint32(), random.uint32()];
}
