import { assert, assertEquals } from "@std/assert";
import { lookUp } from "../../../../core/kernels/look_up/op.ts";
import * as tf from "../../../../core/tf.ts";
import { assertGradients } from "../../../finite_differences.ts";
import { testOnEveryBackend } from "../every_backend.ts";

testOnEveryBackend(
  "lookUp gives each index its entry, and an entry the sum of its gradients",
  async () => {
    const codebook = tf.tensor1d([0.5, -1, 2, 7]);
    const indices = Uint8Array.of(2, 0, 0, 1, 2);
    assertEquals([...await lookUp(codebook, indices).data()], [
      2,
      0.5,
      0.5,
      -1,
      2,
    ]);
    const gradient = tf.grad((c: tf.Tensor) =>
      tf.sum(tf.mul(lookUp(c, indices), tf.tensor1d([1, 2, 4, 8, 16])))
    )(codebook);
    assertEquals([...await gradient.data()], [6, 8, 17, 0]);
  },
);

testOnEveryBackend(
  "lookUp has the gradients of finite differences",
  async () => {
    await assertGradients(
      (codebook) => tf.square(lookUp(codebook, Uint8Array.of(1, 0, 1, 2))),
      [[3]],
    );
  },
);

testOnEveryBackend("a NaN reaches its own entry alone", async () => {
  const indices = Uint8Array.of(1, 0, 1, 2);
  const codebook = tf.tensor1d([1, NaN, 2]);
  assertEquals([...await lookUp(codebook, indices).data()], [NaN, 1, NaN, 2]);
  const gradient = tf.grad((c: tf.Tensor) => lookUp(c, indices))(
    codebook,
    tf.tensor1d([1, 2, NaN, 4]),
  );
  assertEquals([...await gradient.data()], [2, NaN, 4]);
});

testOnEveryBackend(
  "sums over thousands of weights keep to float32",
  async () => {
    const count = 20_011;
    const indices = Uint8Array.from({ length: count }, (_, i) => i * 7 % 256);
    const slopes = Float32Array.from({ length: count }, (_, i) => Math.cos(i));
    const sums = new Float64Array(256);
    slopes.forEach((slope, i) => sums[indices[i]] += slope);
    const gradient = tf.grad((c: tf.Tensor) =>
      tf.sum(tf.mul(lookUp(c, indices), tf.tensor1d(slopes)))
    )(tf.zeros([256]));
    const given = await gradient.data();
    sums.forEach((sum, i) => assert(Math.abs(given[i] - sum) < 1e-4));
  },
);
