import { assert, assertEquals } from "@std/assert";
import { useWasm } from "../../../../core/device/wasm.ts";
import { blockMatMul } from "../../../../core/kernels/block_mat_mul/op.ts";
import * as tf from "../../../../core/tf.ts";
import { assertParity } from "../../../parity.ts";
import { BLOCK_COMPARISONS } from "./block_comparisons.ts";

Deno.test("a product by blocks and its gradients equal the CPU backend's, on Wasm", async () => {
  await useWasm();
  assert(tf.getKernel("RetortBlockMatMul", "wasm"));
  await assertParity(BLOCK_COMPARISONS);
});

Deno.test("NaN in one block reaches no other, forward or back", async () => {
  await useWasm();
  const starts = Int32Array.of(0, 5, 11);
  const startsTensor = tf.tensor1d(starts, "int32");
  const values = Float32Array.from({ length: 22 }, (_, i) => i % 11);
  const h = tf.tensor2d(values.map((v) => v === 7 ? NaN : v), [2, 11]);
  const weight = tf.tensor2d(values, [2, 11]);
  const multiply = (h: tf.Tensor, weight: tf.Tensor) =>
    blockMatMul(h, weight, { starts, startsTensor });
  const finite = async (x: tf.Tensor) => [...await x.data()].map(isFinite);
  assertEquals(await finite(multiply(h, weight)), [
    ...[true, true, false, false],
    ...[true, true, false, false],
  ]);
  const dz = tf.tensor2d([1, 2, NaN, NaN, 3, 4, 5, 6], [2, 4]);
  const [dh, dw] = tf.grads((h, w) => tf.sum(tf.mul(multiply(h, w), dz)))(
    [tf.clone(weight), weight],
  );
  const own = new Array(5).fill(true);
  assertEquals((await finite(dh)).slice(0, 5), own);
  assertEquals((await finite(dw)).slice(0, 5), own);
  assert((await finite(dw)).slice(5, 11).every((value) => !value));
});
