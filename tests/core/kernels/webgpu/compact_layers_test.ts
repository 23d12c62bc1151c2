import { convReluMaxPool } from "../../../../core/kernels/conv_relu_max_pool/op.ts";
import * as tf from "../../../../core/tf.ts";
import { averagePooling, convolution, depthwise } from "../../../parity.ts";
import { testParity } from "./test_parity.ts";

testParity("depthwise convolutions and their gradients", () => [
  depthwise([2, 7, 6, 4], [3, 3], 1, "valid"),
  depthwise([2, 7, 6, 5], [3, 3], 1, "same"),
  depthwise([2, 8, 7, 3], [3, 3], 2, "same"),
  depthwise([1, 9, 8, 6], [5, 5], 2, "valid"),
]);

testParity("average pools and their gradients", () => [
  averagePooling([2, 8, 6, 3], 2),
  averagePooling([2, 7, 9, 4], 2),
]);

testParity("means over images and their gradients", () => [{
  name: "mean",
  compute: ([x]) => tf.square(tf.mean(x, [1, 2])),
  shapes: [[3, 5, 4, 6]],
}]);

testParity("few-channel convolutions with strides and their gradients", () => [
  convolution([2, 14, 14, 1], [3, 3, 1, 8], 2, "same"),
  convolution([2, 7, 7, 8], [3, 3, 8, 12], 2, "same"),
]);

testParity("pooled convolutions and their gradients", () => [
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
