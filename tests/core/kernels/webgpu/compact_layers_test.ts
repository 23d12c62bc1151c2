import { assertDeviceHealthy } from "../../../../core/device/health.ts";
import { selectBackend } from "../../../../core/device/select_backend.ts";
import { convReluMaxPool } from "../../../../core/kernels/ops/conv_relu_max_pool.ts";
import * as tf from "../../../../core/tf.ts";
import {
  assertParity,
  averagePooling,
  type Comparison,
  convolution,
  depthwise,
} from "../../../parity.ts";
import { hasAdapter } from "../../../vulkan.ts";

/** Compares WebGPU, software adapters included, with the CPU backend. */
function test(name: string, comparisons: () => Comparison[]): void {
  Deno.test({
    name: `${name} on WebGPU equal the CPU's (needs a Vulkan driver)`,
    ignore: !hasAdapter,
    fn: async () => {
      await selectBackend("webgpu");
      await assertParity(comparisons());
      assertDeviceHealthy();
    },
  });
}

test("depthwise convolutions and their gradients", () => [
  depthwise([2, 7, 6, 4], [3, 3], 1, "valid"),
  depthwise([2, 7, 6, 5], [3, 3], 1, "same"),
  depthwise([2, 8, 7, 3], [3, 3], 2, "same"),
  depthwise([1, 9, 8, 6], [5, 5], 2, "valid"),
]);

test("average pools and their gradients", () => [
  averagePooling([2, 8, 6, 3], 2),
  averagePooling([2, 7, 9, 4], 2),
]);

test("means over images and their gradients", () => [{
  name: "mean",
  compute: ([x]) => tf.square(tf.mean(x, [1, 2])),
  shapes: [[3, 5, 4, 6]],
}]);

test("few-channel convolutions with strides and their gradients", () => [
  convolution([2, 14, 14, 1], [3, 3, 1, 8], 2, "same"),
  convolution([2, 7, 7, 8], [3, 3, 8, 12], 2, "same"),
]);

test("pooled convolutions and their gradients", () => [
  {
    name: "pools of 2×2",
    compute: ([x, filter, bias]) =>
      convReluMaxPool(x, filter, bias, { pool: [2, 2] }),
    shapes: [[2, 8, 7, 3], [3, 3, 3, 4], [4]],
  },
  {
    name: "strides of 2 alone",
    compute: ([x, filter, bias]) =>
      convReluMaxPool(x, filter, bias, {
        pool: [1, 1],
        stride: 2,
        padding: "same",
      }),
    shapes: [[2, 8, 7, 3], [3, 3, 3, 4], [4]],
  },
]);
