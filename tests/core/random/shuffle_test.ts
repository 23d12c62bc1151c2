import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { fc } from "../../seeded_check.ts";
import { shuffledIndices } from "../../../core/random/shuffle.ts";
import { randomStream } from "../../../core/random/stream.ts";

Deno.test("shuffledIndices is a permutation for any count and seed", () => {
  fc.assert(fc.property(fc.nat(300), fc.nat(), (count, seed) => {
    const order = shuffledIndices(count, randomStream(seed));
    assertEquals(
      order.toSorted(),
      Uint32Array.from({ length: count }, (_, index) => index),
    );
  }));
});

Deno.test("shuffledIndices is decided by its generator", () => {
  const order = shuffledIndices(100, randomStream(1));
  assertEquals(shuffledIndices(100, randomStream(1)), order);
  assertNotEquals(shuffledIndices(100, randomStream(2)), order);
});

Deno.test("shuffledIndices gives all 24 orders of four equally often", () => {
  const random = randomStream(3);
  const counts = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const order = shuffledIndices(4, random).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assertEquals(counts.size, 24);
  const square = [...counts.values()]
    .reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assert(square < 49.7, `χ² with 23 degrees of freedom is ${square}`); // p = 0.001
});
