import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  Xoshiro128,
  type Xoshiro128State,
} from "../../../core/random/xoshiro128.ts";

// Printed by a C program compiled by gcc, typed from the algorithm as its authors
// publish it (xoshiro128starstar, version 1.1), not their own file: the first
// eight words from each state, and the millionth.
const REFERENCE: {
  state: Xoshiro128State;
  first: number[];
  millionth: number;
}[] = [
  {
    state: [1, 2, 3, 4],
    first: [
      11520,
      0,
      5927040,
      70819200,
      2031721883,
      1637235492,
      1287239034,
      3734860849,
    ],
    millionth: 3457443141,
  },
  {
    state: [0xdeadbeef, 0x12345678, 0x9abcdef0, 0xffffffff],
    first: [
      2576977301,
      1162350735,
      3801082360,
      993495594,
      3403947104,
      1497296337,
      612310828,
      2356279956,
    ],
    millionth: 894573269,
  },
  {
    state: [0, 0, 0, 1],
    first: [
      0,
      0,
      5760,
      11802240,
      2699105920,
      137178368,
      1670727104,
      65994905,
    ],
    millionth: 544197338,
  },
];

for (const { state, first, millionth } of REFERENCE) {
  Deno.test(`Xoshiro128 gives the reference's words from state ${state}`, () => {
    const random = new Xoshiro128(state);
    assertEquals(first.map(() => random.uint32()), first);
    for (let drawn = first.length; drawn < 999_999; drawn++) random.uint32();
    assertEquals(random.uint32(), millionth);
  });
}

Deno.test("Xoshiro128 refuses a state of zeros, which it would never leave", () => {
  assertThrows(
    () => new Xoshiro128([0, 0, 0, 0]),
    RangeError,
    "Cannot start a generator",
  );
});

Deno.test("Xoshiro128.uniform lies in [0, 1) and has mean 1/2 and variance 1/12", () => {
  const random = new Xoshiro128([1, 2, 3, 4]);
  const draws = Array.from({ length: 100_000 }, () => random.uniform());
  assert(draws.every((draw) => draw >= 0 && draw < 1));
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) /
    draws.length;
  // Five standard errors of a mean and of a variance over 100,000 draws.
  assert(Math.abs(mean - 1 / 2) < 5 * Math.sqrt(1 / 12 / draws.length));
  assert(Math.abs(variance - 1 / 12) < 5 * Math.sqrt(1 / 180 / draws.length));
});

Deno.test("Xoshiro128.below gives every integer below its limit equally often", () => {
  const random = new Xoshiro128([1, 2, 3, 4]);
  const counts = new Array(7).fill(0);
  for (let i = 0; i < 70_000; i++) counts[random.below(7)]++;
  const square = counts.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
  assert(square < 22.5, `χ² with 6 degrees of freedom is ${square}`); // p = 0.001
});

Deno.test("Xoshiro128.below draws again where a word would favour small values", () => {
  // Under a limit of 3·2³⁰ a quarter of all words must be drawn again; without
  // that, the lowest third would come up twice as often as each other one.
  const limit = 3 * 2 ** 30;
  const random = new Xoshiro128([1, 2, 3, 4]);
  let low = 0;
  for (let i = 0; i < 30_000; i++) {
    const drawn = random.below(limit);
    assert(drawn >= 0 && drawn < limit);
    if (drawn < limit / 3) low++;
  }
  assert(Math.abs(low - 10_000) < 5 * Math.sqrt(30_000 * 2 / 9));
});

Deno.test("Xoshiro128.below takes limits from 1 to 2³² and refuses others", () => {
  const random = new Xoshiro128([1, 2, 3, 4]);
  assertEquals(random.below(1), 0);
  assert(random.below(2 ** 32) < 2 ** 32);
  for (const limit of [0, -1, 1.5, 2 ** 32 + 1, NaN, Infinity]) {
    assertThrows(() => random.below(limit), RangeError, `${limit}`);
  }
});
