import { assertEquals } from "@std/assert";
import { useWasm } from "../../../../core/device/wasm.ts";
import * as tf from "../../../../core/tf.ts";

Deno.test("a clone on Wasm takes no memory, and outlives its original", async () => {
  await useWasm();
  const before = { ...tf.memory() };
  const original = tf.tensor2d([[1, 2], [3, 4]]);
  const copy = tf.clone(original);
  assertEquals(tf.memory().numDataBuffers, before.numDataBuffers + 1);
  original.dispose();
  const others = tf.fill([2, 2], 7);
  assertEquals([...await copy.data()], [1, 2, 3, 4]);
  assertEquals(copy.shape, [2, 2]);
  tf.dispose([copy, others]);
  assertEquals(tf.memory().numDataBuffers, before.numDataBuffers);
});

Deno.test("a variable on Wasm that is assigned to leaves its clones as they were", async () => {
  await useWasm();
  const variable = tf.variable(tf.tensor1d([1, 2]));
  const copy = tf.clone(variable);
  const next = tf.tensor1d([5, 6]);
  variable.assign(next);
  assertEquals([...await copy.data()], [1, 2]);
  assertEquals([...await variable.data()], [5, 6]);
  tf.dispose([copy, next]);
  variable.dispose();
});

Deno.test("gradients on Wasm through clones equal what the formula says", async () => {
  await useWasm();
  const x = tf.tensor1d([1, 2, 3]);
  const slope = tf.tidy(() => tf.grad((x) => tf.mul(tf.clone(x), x))(x));
  assertEquals([...await slope.data()], [2, 4, 6]);
  tf.dispose([x, slope]);
});
