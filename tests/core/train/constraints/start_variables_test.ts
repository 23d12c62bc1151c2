import { assert, assertEquals, assertThrows } from "@std/assert";
import { levelRange } from "../../../../core/kernels/quantise_uniform/round_level.ts";
import { roundLevel } from "../../../../core/kernels/quantise_uniform/round_level.ts";
import { roundStep } from "../../../../core/kernels/round_steps/round_step.ts";
import {
  chooseStep,
  octaveOf,
  startVariables,
} from "../../../../core/train/constraints/start_variables.ts";
import type { Constraint } from "../../../../core/train/constraints/constraint.ts";
import { drawWeights } from "./constrained_weights.ts";

const UNIFORM = {
  kind: "uniform",
  bits: 3,
  perChannel: true,
  powerOfTwo: false,
} as const;

/** Σ (w − s·q)². */
function squaredError(weights: Float32Array, step: number, bits: number) {
  const range = levelRange(bits);
  return weights.reduce(
    (sum, w) => sum + (w - step * roundLevel(w, step, range)) ** 2,
    0,
  );
}

Deno.test("the first step size is as good as the best of a fine search", () => {
  const { values } = drawWeights([200], 4);
  for (const bits of [1, 2, 3, 4, 8]) {
    const error = (step: number) => squaredError(values, step, bits);
    const found = error(chooseStep(values, { bits, powerOfTwo: false }));
    const searched = Math.min(
      ...Array.from(
        { length: 4000 },
        (_, i) => error(roundStep(octaveOf((i + 1) / 4096), false)),
      ),
    );
    assert(found <= 1.01 * searched, `${bits}: ${found}, ${searched}`);
  }
});

Deno.test("the best power of two is found", () => {
  const { values } = drawWeights([200], 5);
  for (const bits of [1, 2, 3, 4, 8]) {
    const error = (step: number) => squaredError(values, step, bits);
    const powers = Array.from({ length: 30 }, (_, i) => 2 ** (i - 14));
    const best = powers.toSorted((a, b) => error(a) - error(b))[0];
    assertEquals(chooseStep(values, { bits, powerOfTwo: true }), best);
  }
});

Deno.test("one bit has the mean magnitude for its scale", () => {
  const weights = Float32Array.of(-1, 0.25, 0.5, -0.25);
  assertEquals(chooseStep(weights, { bits: 1, powerOfTwo: false }), 0.5);
});

Deno.test("weights that are all 0 have a step size all the same", () => {
  const zeros = new Float32Array(4);
  assertEquals(chooseStep(zeros, { bits: 4, powerOfTwo: false }), 0.125);
  assertEquals(chooseStep(zeros, { bits: 4, powerOfTwo: true }), 0.125);
});

Deno.test("weights that aren't finite have none", () => {
  for (const odd of [NaN, -Infinity]) {
    assertThrows(
      () => chooseStep(Float32Array.of(1, odd), { bits: 4, powerOfTwo: false }),
      RangeError,
      `weights must be finite: current value is ${Math.abs(odd)}`,
    );
  }
});

Deno.test("a channel's step fits its own weights, a depthwise kernel's too", () => {
  const values = Float32Array.of(-1, 10, 0.5, -20, 0, 30, 0.75, -40);
  const steps = [[4, 2], [2, 2, 2, 1]].map((shape) =>
    startVariables([{ shape, values }], [UNIFORM])[1]
  );
  for (const { shape, values } of steps) {
    assertEquals(shape, [2]);
    assertEquals([...values], [octaveOf(0.25), octaveOf(10)]);
  }
  const [, powers] = startVariables([{ shape: [4, 2], values }], [
    { ...UNIFORM, powerOfTwo: true },
  ]);
  assertEquals([...powers.values], [-2, 3]);
});

Deno.test("pruned weights start at 0 and don't count", () => {
  const weight = { shape: [4], values: Float32Array.of(9, 1, -9, -2) };
  const mask = Uint8Array.of(0, 1, 0, 1);
  const [masked] = startVariables([weight], [{ kind: "mask", mask }]);
  assertEquals([...masked.values], [0, 1, 0, -2]);
  const [kept, step] = startVariables([weight], [{ ...UNIFORM, mask }]);
  assertEquals([...kept.values], [0, 1, 0, -2]);
  assertEquals([...step.values], [octaveOf(1)]);
});

Deno.test("a codebook starts with the means of its weights", () => {
  const weight = { shape: [5], values: Float32Array.of(1, 2, 3, 5, 0.5) };
  const indices = Uint8Array.of(1, 1, 2, 2, 0);
  const start = (
    constraint: Constraint,
  ) => [...startVariables([weight], [constraint])[0].values];
  const codebook = { kind: "codebook", size: 4, indices } as const;
  assertEquals(start(codebook), [0.5, 1.5, 4, 0]);
  assertEquals(start({ ...codebook, pruned: true }), [0, 1.5, 4, 0]);
});

Deno.test("constraints that don't go with their weights are refused", () => {
  const weight = { shape: [2], values: Float32Array.of(1, 2) };
  const cases: [Constraint[], string][] = [
    [[], "one constraint for each of 1: current value is 0"],
    [[{ ...UNIFORM, bits: 9 }], "bits must be an integer from 1 to 8"],
    [[{ ...UNIFORM, bits: 1.5 }], "bits must be an integer from 1 to 8"],
    [[{ ...UNIFORM, bits: 1, mask: Uint8Array.of(1, 1) }], "±s has no 0"],
    [[{ ...UNIFORM, mask: Uint8Array.of(1) }], "must have 2 entries"],
    [[{ kind: "mask", mask: Uint8Array.of(1, 2) }], "of 0 and 1"],
    [
      [{ kind: "codebook", size: 257, indices: Uint8Array.of(0, 0) }],
      "1 to 256 entries: current value is 257",
    ],
    [
      [{ kind: "codebook", size: 2, indices: Uint8Array.of(0) }],
      "it must have 2 indices: current value is 1",
    ],
    [
      [{ kind: "codebook", size: 2, indices: Uint8Array.of(0, 2) }],
      "below 2: current value is 2",
    ],
  ];
  for (const [constraints, message] of cases) {
    assertThrows(
      () => startVariables([weight], constraints),
      RangeError,
      message,
    );
  }
});
