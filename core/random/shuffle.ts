import type { Xoshiro128 } from "./xoshiro128.ts";

/**
 * A uniformly random order of the integers 0 … `count` − 1, as
 * `[count]` (Fisher and Yates, from the end).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shuffledIndices } from "./shuffle.ts";
 * import { randomStream } from "./stream.ts";
 *
 * const order = shuffledIndices(5, randomStream(1));
 * assertEquals(order.toSorted(), Uint32Array.of(0, 1, 2, 3, 4));
 * ```
 */
export function shuffledIndices(
  count: number,
  random: Xoshiro128,
): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}
