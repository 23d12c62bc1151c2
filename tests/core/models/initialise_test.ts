import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  glorotUniform,
  initialWeights,
} from "../../../core/models/initialise.ts";
import { studentSpec } from "../../../core/models/student.ts";
import { STRIDED } from "./strided.ts";
import { randomStream } from "../../../core/random/stream.ts";

for (
  const { shape, limit } of [
    { shape: [300, 200], limit: Math.sqrt(6 / 500) },
    // A 3×3 field multiplies both fans.
    { shape: [3, 3, 32, 64], limit: Math.sqrt(6 / (9 * 32 + 9 * 64)) },
  ]
) {
  Deno.test(`glorotUniform fills ±√(6 / (fan-in + fan-out)) evenly for [${shape}]`, () => {
    const { values } = glorotUniform(shape, randomStream(1));
    const largest = values.reduce(
      (m, value) => Math.max(m, Math.abs(value)),
      0,
    );
    assert(largest <= limit && largest > 0.999 * limit);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value * value, 0) /
      values.length;
    // Five standard errors: a uniform variable's variance is limit² / 3.
    assert(Math.abs(mean) < 5 * limit / Math.sqrt(3 * values.length));
    assert(
      Math.abs(square - limit ** 2 / 3) <
        5 * limit ** 2 * Math.sqrt(4 / 45 / values.length),
    );
  });
}

Deno.test("glorotUniform starts biases at zero", () => {
  assertEquals(
    glorotUniform([3], randomStream(1)).values,
    new Float32Array(3),
  );
});

Deno.test("a depthwise kernel's fans are its window alone, however many channels it has", () => {
  const limit = Math.sqrt(6 / (9 + 9));
  const kernel = initialWeights(STRIDED, 1)[2];
  assertEquals(kernel.shape, [2, 2, 3, 1]);
  const drawn = glorotUniform([3, 3, 500, 1], randomStream(1), {
    depthwise: true,
  });
  const largest = drawn.values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  assert(largest <= limit && largest > 0.99 * limit);
  assert(kernel.values.every((value) => Math.abs(value) <= Math.sqrt(6 / 8)));
  // As for a convolution of three channels, ±√(6 / 16) would be the limit.
  assert(kernel.values.some((value) => Math.abs(value) > Math.sqrt(6 / 16)));
});

Deno.test("initialWeights is decided by its seed, and no two kernels are alike", () => {
  const spec = studentSpec({ hidden: 2 });
  assertEquals(initialWeights(spec, 1), initialWeights(spec, 1));
  const [one, two] = [initialWeights(spec, 1), initialWeights(spec, 2)];
  assertNotEquals(one[0].values, two[0].values);
  assertNotEquals(one[2].values.slice(0, 5), one[4].values.slice(0, 5));
});
