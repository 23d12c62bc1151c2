import { Xoshiro128 } from "./xoshiro128.ts";

/** Mixes all bits of a 32-bit word: MurmurHash3's finaliser. */
function mix(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}

/**
 * The generator that belongs to `seed` and a path of names and counters.
 *
 * Equal seed and path give equal streams; any difference gives an unrelated
 * one. A training step draws from `randomStream(seed, "dropout", step)`, so
 * that resuming at a step needs no more state than its number, and no draw
 * depends on what other parts of the program have drawn.
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { randomStream } from "./stream.ts";
 *
 * const first = randomStream(1, "shuffle", 0).uint32();
 * assertEquals(randomStream(1, "shuffle", 0).uint32(), first);
 * assert(randomStream(1, "shuffle", 1).uint32() !== first);
 * ```
 */
export function randomStream(
  seed: number,
  ...path: (string | number)[]
): Xoshiro128 {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(
      `Cannot seed a generator: \`seed\` must be a non-negative integer: current value is ${seed}`,
    );
  }
  const bytes = new TextEncoder().encode(JSON.stringify([seed, ...path]));
  const state = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667].map(
    (lane) => {
      for (const byte of bytes) lane = mix((lane ^ byte) + 0x9e3779b9);
      return lane;
    },
  );
  const [a, b, c, d] = state;
  return new Xoshiro128([a, b, c, d | 1]);
}
