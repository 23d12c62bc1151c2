import { assertEquals } from "@std/assert";
import { assertDeviceHealthy } from "../../../../core/device/health.ts";
import { selectBackend } from "../../../../core/device/select_backend.ts";
import * as tf from "../../../../core/tf.ts";
import { assertParity, convolution } from "../../../parity.ts";
import { hasAdapter } from "../../../vulkan.ts";
import { testEveryTile, testSmallTiles } from "../webgpu/every_tile.ts";

testEveryTile("convolutions and their gradients", () => [
  convolution([2, 7, 6, 32], [3, 3, 32, 12], 1, "valid"),
  convolution([3, 9, 8, 3], [3, 2, 3, 5], 2, "same"),
]);

testSmallTiles("convolutions of every padding and their gradients", () => [
  convolution([1, 7, 6, 3], [3, 2, 3, 4], 1, "valid"),
  convolution([2, 5, 9, 1], [3, 3, 1, 5], 1, "same"),
  convolution([2, 6, 5, 4], [3, 3, 4, 8], 1, 1),
  convolution([2, 6, 7, 5], [3, 4, 5, 3], 1, [[0, 0], [2, 0], [1, 3], [0, 0]]),
]);

testSmallTiles("convolutions with strides and their gradients", () => [
  convolution([4, 9, 8, 3], [5, 4, 3, 1], 2, "same"),
  convolution([5, 8, 7, 4], [2, 3, 4, 8], 2, "valid"),
  convolution([2, 8, 7, 4], [3, 3, 4, 8], [3, 2], "same"),
  convolution([1, 9, 11, 8], [1, 1, 8, 4], [2, 3], "valid"),
]);

testSmallTiles("convolutions by one pixel and by a whole image", () => [
  convolution([3, 6, 5, 2], [1, 1, 2, 3], 1, "valid"),
  convolution([3, 4, 5, 4], [4, 5, 4, 6], 1, "valid"),
]);

testSmallTiles(
  "fused convolutions",
  () =>
    (["linear", "relu", "elu"] as const).map((activation) => ({
      name: `bias, ${activation}`,
      compute: ([x, filter, bias]: tf.Tensor[]) =>
        tf.fused.conv2d({
          x: x.as4D(2, 6, 5, 4),
          filter: filter.as4D(3, 3, 4, 8),
          strides: 1,
          pad: "same",
          bias,
          activation,
        }),
      shapes: [[2, 6, 5, 4], [3, 3, 4, 8], [8]],
      gradients: activation !== "elu",
    })),
);

Deno.test({
  name:
    "dilated convolutions and channels first are left to tfjs (needs a Vulkan driver)",
  ignore: !hasAdapter,
  fn: async () => {
    await selectBackend("webgpu");
    await assertParity([{
      name: "dilated",
      compute: ([x, filter]) =>
        tf.conv2d(
          x.as4D(2, 9, 8, 3),
          filter.as4D(3, 3, 3, 4),
          1,
          "valid",
          "NHWC",
          2,
        ),
      shapes: [[2, 9, 8, 3], [3, 3, 3, 4]],
      gradients: false,
    }]);
    // The CPU backend can't put channels first: the same sums with them last are.
    const x = tf.randomUniform<tf.Rank.R4>([2, 6, 5, 3], -1, 1, "float32", 1);
    const filter = tf.randomUniform<tf.Rank.R4>(
      [3, 3, 3, 4],
      -1,
      1,
      "float32",
      2,
    );
    const last = tf.conv2d(x, filter, 1, "valid");
    const first = tf.conv2d(
      tf.transpose(x, [0, 3, 1, 2]),
      filter,
      1,
      "valid",
      "NCHW",
    );
    const difference = tf.max(
      tf.abs(tf.sub(last, tf.transpose(first, [0, 2, 3, 1]))),
    );
    assertEquals(first.shape, [2, 4, 4, 3]);
    assertEquals(await tf.less(difference, 1e-5).array(), 1);
    assertDeviceHealthy();
  },
});
