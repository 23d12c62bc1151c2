import { assertEquals, assertThrows } from "@std/assert";
import { useCpu } from "../../../../core/device/cpu.ts";
import { dropOut } from "../../../../core/kernels/drop_out/op.ts";
import { fillDropoutMask } from "../../../../core/random/dropout_mask.ts";
import * as tf from "../../../../core/tf.ts";
import { assertGradients } from "../../../finite_differences.ts";

await useCpu();

const RANGE = { rate: 0.5, key: [1, 2], first: 3 } as const;

Deno.test("dropOut multiplies by the mask of its range", async () => {
  const mask = fillDropoutMask(new Float32Array(15), 0.5, [1, 2], 3);
  const dropped = await dropOut(tf.fill([3, 5], 7), RANGE).data();
  assertEquals([...dropped], [...mask].map((m) => 7 * m));
});

Deno.test("dropOut has the gradient of finite differences", async () => {
  await assertGradients((x) => dropOut(tf.square(x), RANGE), [[3, 5]]);
});

Deno.test("dropOut of a batch is dropOut of its parts, each from its own place", async () => {
  const x = tf.ones([6, 5]);
  const part = (row: number, count: number) =>
    dropOut(tf.slice(x, [row, 0], [count, 5]), { ...RANGE, first: 5 * row });
  const whole = await dropOut(x, { ...RANGE, first: 0 }).data();
  assertEquals(await tf.concat([part(0, 1), part(1, 5)]).data(), whole);
});

Deno.test("dropOut refuses a rate of 1", () => {
  assertThrows(() => dropOut(tf.ones([2]), { ...RANGE, rate: 1 }), RangeError);
});
