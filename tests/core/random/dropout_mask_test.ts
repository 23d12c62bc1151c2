import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  checkDropoutRate,
  type DropoutRange,
  fillDropoutMask,
} from "../../../core/random/dropout_mask.ts";
import { fc } from "../../seeded_check.ts";

const KEY = [0xdeadbeef, 0x9e3779b9] as const;

function maskOf(count: number, { rate, key, first }: DropoutRange) {
  return fillDropoutMask(new Float32Array(count), rate, key, first);
}

// From a second implementation, in Python, of the formulas in counter.ts and
// dropout_mask.ts: 1 where an element is kept.
const REFERENCE: [DropoutRange, string][] = [
  [
    { rate: 0.25, key: [1, 2], first: 0 },
    "0110111111111100111011101110001001111111",
  ],
  [
    { rate: 0.25, key: [1, 2], first: 3 },
    "0111111111100111011101110001001111111",
  ],
  // Over the end of the words, where their numbers begin again.
  [{ rate: 0.5, key: [7, 9], first: 2 ** 33 - 8 }, "0001010000100001"],
  [{ rate: 0.5, key: KEY, first: 1_000_001 }, "011011000001000000100110010010"],
];

for (const [range, wanted] of REFERENCE) {
  Deno.test(`fillDropoutMask gives the reference's mask for ${JSON.stringify(range)}`, () => {
    const mask = maskOf(wanted.length, range);
    assertEquals([...mask].map((m) => Number(m > 0)).join(""), wanted);
  });
}

for (const rate of [0.1, 0.2, 0.5, 0.9]) {
  Deno.test(`fillDropoutMask drops a share of ${rate} and scales the rest to mean 1`, () => {
    const count = 100_000;
    const mask = maskOf(count, { rate, key: KEY, first: 0 });
    const dropped = mask.filter((value) => value === 0).length;
    const error = 5 * Math.sqrt(count * rate * (1 - rate));
    assert(Math.abs(dropped - count * rate) < error);
    const kept = Math.fround(1 / (1 - rate));
    assert(mask.every((value) => value === 0 || value === kept));
  });
}

Deno.test("any part of a mask is that part of the whole", () => {
  const whole = maskOf(200, { rate: 0.3, key: KEY, first: 0 });
  fc.assert(fc.property(fc.nat(199), fc.nat(200), (first, count) => {
    const part = whole.slice(first, first + count);
    assertEquals(maskOf(part.length, { rate: 0.3, key: KEY, first }), part);
  }));
});

Deno.test("fillDropoutMask keeps everything at rate 0", () => {
  const mask = maskOf(1000, { rate: 0, key: KEY, first: 0 });
  assertEquals(mask, new Float32Array(1000).fill(1));
});

for (
  const [name, apart] of [
    ["neighbours that share a word", 1],
    ["neighbours of two words", 2],
    ["rows of 128", 128],
  ] as const
) {
  Deno.test(`fillDropoutMask drops ${name} independently`, () => {
    const count = 100_000;
    const mask = maskOf(count + apart, { rate: 0.5, key: KEY, first: 0 });
    let both = 0;
    for (let i = 0; i < count; i++) {
      if (mask[i] === 0 && mask[i + apart] === 0) both++;
    }
    // Products of overlapping pairs: variance 3/16 each, 1/16 with either neighbour.
    assert(Math.abs(both - count / 4) < 5 * Math.sqrt(count * 5 / 16));
  });
}

for (const rate of [-0.1, 1 - 2 ** -17, 1, 1.5, NaN, Infinity]) {
  Deno.test(`checkDropoutRate refuses ${rate}`, () => {
    assertThrows(() => checkDropoutRate(rate), RangeError, `${rate}`);
  });
}

Deno.test("the highest rate that checkDropoutRate allows keeps an element in 2¹⁶", () => {
  const rate = 1 - 2 ** -16;
  checkDropoutRate(rate);
  checkDropoutRate(1 - 2 ** -17 - 2 ** -30);
  const mask = maskOf(2 ** 20, { rate, key: KEY, first: 0 });
  const kept = mask.filter((value) => value === 2 ** 16).length;
  assert(Math.abs(kept - 16) < 5 * 4, `${kept}`);
});
