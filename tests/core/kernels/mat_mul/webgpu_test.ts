import { assertEquals } from "@std/assert";
import { assertDeviceHealthy } from "../../../../core/device/health.ts";
import { selectBackend } from "../../../../core/device/select_backend.ts";
import { registerWebGpuKernels } from "../../../../core/kernels/webgpu/register.ts";
import * as tf from "../../../../core/tf.ts";
import { products } from "../../../parity.ts";
import { hasAdapter } from "../../../vulkan.ts";
import { testEveryTile, testSmallTiles } from "../webgpu/every_tile.ts";

testEveryTile("products of matrices and their gradients", () => [
  ...products([], [17, 29, 33]),
  ...products([], [64, 32, 128]),
]);

testSmallTiles("products of odd sizes and their gradients", () => [
  ...products([], [1, 1, 1]),
  ...products([], [5, 7, 3]),
  ...products([], [33, 37, 18]),
  ...products([], [9, 16, 20]),
]);

testSmallTiles("products of batches and their gradients", () => [
  ...products([3], [5, 6, 7]),
  ...products([2, 2], [9, 12, 8]),
]);

testSmallTiles("products of a batch with one matrix", () => [{
  name: "[3, 5, 6] by [6, 7]",
  compute: ([a, b]) => tf.matMul(a, b),
  shapes: [[3, 5, 6], [6, 7]],
  // tfjs's gradient of a matrix that a batch shares has the batch's shape.
  gradients: false,
}, {
  name: "[5, 6] by [3, 6, 7], which stock kernels compute",
  compute: ([a, b]) => tf.matMul(a, b),
  shapes: [[5, 6], [3, 6, 7]],
  gradients: false,
}]);

testSmallTiles(
  "fused products",
  () =>
    (["linear", "relu", "sigmoid"] as const).flatMap((activation) =>
      [[6, 9, 5], [6, 24, 8]].map(([m, k, n]) => ({
        name: `${m}×${k}×${n} + bias, ${activation}`,
        compute: ([a, b, bias]: tf.Tensor[]) =>
          tf.fused.matMul({
            a: a.as2D(m, k),
            b: b.as2D(k, n),
            bias,
            activation,
          }),
        shapes: [[m, k], [k, n], [n]],
        gradients: activation !== "sigmoid",
      }))
    ),
);

Deno.test({
  name:
    "a product in many parts has the same bits every time (needs a Vulkan driver)",
  ignore: !hasAdapter,
  fn: async () => {
    await selectBackend("webgpu");
    const a = tf.randomUniform([16, 4000], -1, 1, "float32", 1);
    const b = tf.randomUniform([4000, 16], -1, 1, "float32", 2);
    const first = await tf.matMul(a, b).data();
    for (let again = 0; again < 3; again++) {
      assertEquals(await tf.matMul(a, b).data(), first);
    }
    tf.dispose([a, b]);
    assertDeviceHealthy();
  },
});

Deno.test({
  name: "a NaN reaches its own row of a product only (needs a Vulkan driver)",
  ignore: !hasAdapter,
  fn: async () => {
    await selectBackend("webgpu");
    // 250 terms don't divide into parts of whole vectors.
    const values = new Float32Array(3 * 250).fill(1);
    values[250 + 249] = NaN;
    const a = tf.tensor2d(values, [3, 250]);
    const sums = await tf.matMul(a, tf.ones([250, 4])).array();
    assertEquals(sums, [
      [250, 250, 250, 250],
      [NaN, NaN, NaN, NaN],
      [250, 250, 250, 250],
    ]);
  },
});

Deno.test({
  name: "kernels are registered once only (needs a Vulkan driver)",
  ignore: !hasAdapter,
  fn: async () => {
    await selectBackend("webgpu");
    const { kernelFunc } = tf.getKernel(tf.BatchMatMul, "webgpu");
    await selectBackend("webgpu");
    registerWebGpuKernels();
    assertEquals(tf.getKernel(tf.BatchMatMul, "webgpu").kernelFunc, kernelFunc);
  },
});
