import { assert, assertEquals } from "@std/assert";
import jstat from "npm:jstat@1.9.6";
import {
  type CounterKey,
  counterWord,
  drawCounterKey,
} from "../../../core/random/counter.ts";
import { randomStream } from "../../../core/random/stream.ts";

// From a second implementation, in Python, of the formula in counter.ts.
const REFERENCE: [CounterKey, number[], number[]][] = [
  [[0, 0], [0, 1, 2, 2 ** 32 - 1], [
    0,
    2652480560,
    1790544107,
    4049257564,
  ]],
  [[1, 2], [0, 1, 2, 3], [1991913125, 229111015, 3991167310, 2419086362]],
  [[0xdeadbeef, 0x9e3779b9], [0, 12345, 2 ** 31, 2 ** 32 - 1], [
    578154918,
    4007558401,
    3256456360,
    2647766371,
  ]],
];

for (const [key, counters, words] of REFERENCE) {
  Deno.test(`counterWord gives the reference's words for key [${key}]`, () => {
    assertEquals(counters.map((counter) => counterWord(key, counter)), words);
  });
}

Deno.test("counterWord gives different words to different counters, and to different keys", () => {
  const count = 10_000;
  const of = (key: CounterKey) =>
    new Set(Array.from({ length: count }, (_, i) => counterWord(key, i)));
  const first = of([1, 2]);
  assertEquals(first.size, count);
  for (const key of [[1, 3], [2, 1], [0, 0]] as const) {
    // 10⁸ pairs of 2³² coincide 0.02 times on average; the keys are fixed.
    const shared = [...of(key)].filter((word) => first.has(word)).length;
    assert(shared <= 2, `${shared}`);
  }
});

const KEYS = Array.from(
  { length: 4 },
  (_, step) => drawCounterKey(randomStream(3, "counter", step)),
);
const COUNT = 1 << 16;

/** Both halves of each of the first words of `key`, as numbers in [0, 1). */
function halves(key: CounterKey): number[] {
  return Array.from({ length: COUNT }, (_, i) => {
    const word = counterWord(key, i);
    return [(word & 0xffff) / 65536, (word >>> 16) / 65536];
  }).flat();
}

for (const key of KEYS) {
  Deno.test(`the sixteen-bit halves of the words of key [${key}] are uniform`, () => {
    const values = halves(key);
    const bins = new Array(256).fill(0);
    for (const value of values) bins[Math.floor(value * 256)]++;
    const expected = values.length / 256;
    const statistic = bins.reduce(
      (sum, count) => sum + (count - expected) ** 2 / expected,
      0,
    );
    const chance: number = jstat.chisquare.cdf(statistic, 255);
    assert(chance > 1e-4 && chance < 1 - 1e-4, `${statistic}`);
  });

  Deno.test(`every bit of the words of key [${key}] is set half the time`, () => {
    for (let bit = 0; bit < 32; bit++) {
      let set = 0;
      for (let i = 0; i < COUNT; i++) set += counterWord(key, i) >>> bit & 1;
      assert(Math.abs(set - COUNT / 2) < 5 * Math.sqrt(COUNT / 4), `${bit}`);
    }
  });

  for (const distance of [1, 2, 3, 10, 64, 128, 9216]) {
    Deno.test(`the halves of the words of key [${key}] that lie ${distance} apart are uncorrelated`, () => {
      const values = halves(key);
      const pairs = values.length - distance;
      let sum = 0;
      for (let i = 0; i < pairs; i++) {
        sum += (values[i] - 0.5) * (values[i + distance] - 0.5);
      }
      // Each product has mean 0 and variance 1/144.
      assert(Math.abs(sum) < 5 * Math.sqrt(pairs / 144), `${sum}`);
    });
  }
}

Deno.test("the words of different keys are uncorrelated", () => {
  for (let a = 0; a < KEYS.length; a++) {
    for (let b = 0; b < a; b++) {
      const [x, y] = [halves(KEYS[a]), halves(KEYS[b])];
      const sum = x.reduce((s, v, i) => s + (v - 0.5) * (y[i] - 0.5), 0);
      assert(Math.abs(sum) < 5 * Math.sqrt(x.length / 144), `${sum}`);
    }
  }
});

Deno.test("drawCounterKey gives the next two words of a stream", () => {
  const random = randomStream(1, "dropout", 0);
  const words = [random.uint32(), random.uint32()];
  assertEquals(drawCounterKey(randomStream(1, "dropout", 0)), words);
});
