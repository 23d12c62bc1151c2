import { assertEquals, assertThrows } from "@std/assert";
import { randomStream } from "../../../core/random/stream.ts";

// From a second implementation, in Python, of the formula in stream.ts. Shipped
// models name their seeds: were these to change, none could be made again.
const REFERENCE: [number, (string | number)[], number[]][] = [
  [0, [], [469129244, 3134943107, 208952507]],
  [1, ["shuffle", 0], [697957504, 2892626475, 712680229]],
  [7, ["dropout", 2, 1000], [3840990439, 3016528624, 1611749341]],
  [2 ** 53 - 1, ["größe"], [1069313134, 556359205, 2823115135]],
];

for (const [seed, path, words] of REFERENCE) {
  Deno.test(`randomStream gives the reference's words for seed ${seed} and path [${path}]`, () => {
    const random = randomStream(seed, ...path);
    assertEquals(words.map(() => random.uint32()), words);
  });
}

Deno.test("randomStream gives unrelated streams for any two seeds or paths", () => {
  const firstWords = new Set<number>();
  let streams = 0;
  for (let seed = 0; seed < 20; seed++) {
    for (let step = 0; step < 50; step++) {
      for (const name of ["a", "b"]) {
        firstWords.add(randomStream(seed, name, step).uint32());
        streams++;
      }
    }
  }
  // 2,000 draws of 2³² collide with probability 0.0005; the seeds are fixed.
  assertEquals(firstWords.size, streams);
});

Deno.test("randomStream tells a name from a number and a path from its parts", () => {
  const words = [["1"], [1], ["a", "b"], ["a,b"], ["ab"], []].map((path) =>
    randomStream(1, ...path).uint32()
  );
  assertEquals(new Set(words).size, words.length);
});

for (const seed of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
  Deno.test(`randomStream refuses seed ${seed}`, () => {
    assertThrows(() => randomStream(seed), RangeError, `${seed}`);
  });
}
