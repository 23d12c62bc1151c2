import { assertEquals, assertThrows } from "@std/assert";
import { useCpu } from "../../../../core/device/cpu.ts";
import { addBias } from "../../../../core/kernels/add_bias/op.ts";
import { biasRelu } from "../../../../core/kernels/bias_relu/op.ts";
import { columnSum } from "../../../../core/kernels/column_sum/op.ts";
import { dropOut } from "../../../../core/kernels/drop_out/op.ts";
import * as tf from "../../../../core/tf.ts";
import { assertGradients } from "../../../finite_differences.ts";

await useCpu();

const RANGE = { rate: 0.25, key: [5, 6], first: 1 } as const;

Deno.test("biasRelu is relu(z + b), and with dropout that times its mask", async () => {
  const z = tf.tensor2d([[1, -2, 3], [-1, 5, 0]]);
  const bias = tf.tensor1d([0.5, 1, -3]);
  const wanted = tf.tensor2d([[1.5, 0, 0], [0, 6, 0]]);
  assertEquals(await biasRelu(z, bias).data(), await wanted.data());
  assertEquals(
    await biasRelu(z, bias, RANGE).data(),
    await dropOut(wanted, RANGE).data(),
  );
});

for (const range of [undefined, RANGE]) {
  const with_ = range ? "with" : "without";
  Deno.test(`biasRelu ${with_} dropout has the gradients of finite differences`, async () => {
    // Where z + b changes its sign there is no slope: here it stays far from 0.
    await assertGradients(
      (z, bias) =>
        biasRelu(
          tf.add(tf.mul(z, 0.1), tf.sign(z)),
          tf.mul(bias, 0.1),
          range,
        ),
      [[2, 3, 4], [4]],
      { apart: 0.02 },
    );
  });

  Deno.test(`biasRelu ${with_} dropout lets NaN through, by which divergence is found`, async () => {
    const y = await biasRelu(tf.fill([1, 64], NaN), tf.zeros([64]), range)
      .data();
    assertEquals(y.every(Number.isNaN), true);
  });
}

Deno.test("addBias has the gradients of finite differences", async () => {
  await assertGradients(
    (z, bias) => tf.square(addBias(z, bias)),
    [[2, 3, 4], [4]],
  );
});

Deno.test("a tensor that a bias is added to may be used again", async () => {
  const [gradient] = tf.grads((z: tf.Tensor, bias: tf.Tensor) =>
    tf.add(addBias(z, bias), tf.square(z))
  )([tf.tensor2d([[3]]), tf.tensor1d([1])]);
  assertEquals([...await gradient.data()], [7]);
});

Deno.test("columnSum adds up all axes but the last", async () => {
  const x = tf.tensor3d([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]);
  assertEquals([...await columnSum(x).data()], [16, 20]);
  assertEquals([...await columnSum(tf.tensor1d([1, 2])).data()], [1, 2]);
});

Deno.test("biasRelu and addBias refuse a bias of another width", () => {
  for (const add of [biasRelu, addBias]) {
    assertThrows(
      () => add(tf.ones([2, 3]), tf.ones([1])),
      RangeError,
      "Cannot add a bias: its shape must be [3], the last extent of [2, 3]: current value is [1]",
    );
  }
});
