import { assert, assertEquals, assertThrows } from "@std/assert";
import { useCpu } from "../../../../core/device/cpu.ts";
import type { Constraint } from "../../../../core/train/constraints/constraint.ts";
import { measureRate } from "../../../../core/train/constraints/measure_rate.ts";
import * as tf from "../../../../core/tf.ts";

await useCpu();

const UNIFORM = {
  kind: "uniform",
  bits: 4,
  perChannel: false,
  powerOfTwo: true,
} as const;

/** The rate of a model's variables, each a row. */
async function rateOf(constraints: Constraint[], variables: number[][]) {
  const rate = measureRate(
    constraints,
    variables.map((row) => tf.tensor1d(row)),
  );
  return (await rate.data())[0];
}

Deno.test("the rate is the mean of log2(1 + |w/s|) over all levels", async () => {
  // Steps 2⁻¹ and 2⁰: ratios 1, 3, 0 and 7.
  const rate = await rateOf([UNIFORM, UNIFORM], [
    ...[[0.5, -1.5], [-1]],
    ...[[0, 7], [0]],
  ]);
  assert(Math.abs(rate - (1 + 2 + 0 + 3) / 4) < 1e-6);
});

Deno.test("what is no level, or has but two, has no rate", async () => {
  const indices = Uint8Array.of(0, 0);
  assertEquals(
    await rateOf([
      { kind: "free" },
      { kind: "half" },
      { kind: "mask", mask: Uint8Array.of(1, 1) },
      { kind: "codebook", size: 1, indices },
      { ...UNIFORM, bits: 1 },
    ], [[9, 9], [9, 9], [9, 9], [9], ...[[9, 9], [0]]]),
    0,
  );
});

Deno.test("a missing variable is told", () => {
  assertThrows(
    () => measureRate([UNIFORM], [tf.tensor1d([1])]),
    RangeError,
    "there must be 2 variables: current value is 1",
  );
});
