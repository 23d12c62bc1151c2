import { assert, assertEquals } from "@std/assert";
import { sumLevelBits } from "../../../../core/kernels/sum_level_bits/op.ts";
import * as tf from "../../../../core/tf.ts";
import { assertGradients } from "../../../finite_differences.ts";
import { assertParity } from "../../../parity.ts";
import { testOnEveryBackend } from "../every_backend.ts";

testOnEveryBackend("sumLevelBits is Σ ln(1 + |w|/s)", async () => {
  const weights = tf.tensor2d([[0, 1], [-3, 1]]);
  const sum = sumLevelBits(weights, tf.tensor1d([1, 0.5]));
  assertEquals(sum.shape, []);
  const [value] = await sum.data();
  assert(Math.abs(value - Math.log(4 * 3 * 3)) < 1e-5);
});

testOnEveryBackend(
  "sumLevelBits has the gradients of finite differences",
  async () => {
    await assertGradients(
      (weights, steps) => sumLevelBits(weights, tf.add(tf.square(steps), 0.5)),
      [[2, 3, 2], [2]],
      { apart: 0.02 },
    );
  },
);

testOnEveryBackend("sumLevelBits computes what the CPU does", async () => {
  await assertParity([[[40], [1]], [[3, 3, 4, 8], [8]]].map((shapes) => ({
    name: `sumLevelBits of [${shapes[0]}]`,
    compute: ([weights, steps]: tf.Tensor[]) =>
      sumLevelBits(weights, tf.add(tf.square(steps), 0.1)),
    shapes,
  })));
});
