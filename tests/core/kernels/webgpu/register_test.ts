import * as tf from "../../../../core/tf.ts";
import { convolution, pooling, products } from "../../../parity.ts";
import {
  crossEntropy,
  distillation,
} from "../../train/losses/textbook_losses.ts";
import { testParity } from "./test_parity.ts";

testParity("conv2d and its gradients", () => [
  convolution([1, 7, 6, 3], [3, 2, 3, 4], 1, "valid"),
  convolution([2, 5, 9, 1], [3, 3, 1, 5], 1, "same"),
  convolution([3, 6, 5, 2], [1, 1, 2, 3], 1, "valid"),
  convolution([4, 9, 8, 3], [5, 4, 3, 1], 2, "same"),
  convolution([5, 8, 7, 4], [2, 3, 4, 8], 2, "valid"),
  convolution([2, 8, 7, 4], [3, 3, 4, 8], 3, "same"),
  convolution([2, 7, 6, 32], [3, 3, 32, 64], 1, "valid"),
]);

testParity("max-pooling and its gradient", () => [
  pooling([1, 7, 6, 3], 2, 2, "valid"),
  pooling([2, 5, 9, 1], 3, 1, "same"),
  pooling([3, 8, 5, 2], [2, 3], 3, "valid"),
  pooling([4, 6, 7, 5], [3, 2], 2, "same"),
]);

testParity("matMul and its gradients", () => [
  ...products([], [5, 7, 3]),
  ...products([], [33, 65, 17]),
  ...products([4], [3, 5, 2]),
]);

const LABELS = [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]];

testParity("losses from log-softmax and their gradients", () => [
  {
    name: "cross-entropy",
    compute: ([logits]) => crossEntropy(logits, tf.tensor2d(LABELS)),
    shapes: [[4, 3]],
  },
  {
    name: "cross-entropy of large logits",
    compute: ([logits]) =>
      crossEntropy(tf.mul(logits, 100), tf.tensor2d(LABELS)),
    shapes: [[4, 3]],
  },
  {
    name: "distillation",
    compute: ([logits]) =>
      distillation(
        tf.mul(logits, 5),
        { labels: tf.tensor2d(LABELS), teacherLogits: tf.tensor2d(LABELS) },
        { temperature: 3, alpha: 0.7 },
      ),
    shapes: [[4, 3]],
  },
]);
