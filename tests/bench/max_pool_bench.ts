// The gradient of the teacher's pooling at batch 128: ours scatters to the winners
// that its forward pass keeps, tfjs's looks for them again.
import { maxPoolScatter } from "../../core/kernels/max_pool/op.ts";
import * as tf from "../../core/tf.ts";
import { benchKernel, stockKernel } from "./bench_kernel.ts";
import { randomTensor } from "./random_tensor.ts";

const SHAPE = [128, 24, 24, 64] as const;
const SIZE = [2, 2] as const;

benchKernel("max-pool gradient", () => {
  const input = randomTensor(...SHAPE);
  const dy = randomTensor(128, 12, 12, 64);
  const winner = tf.tidy(() =>
    tf.cast(tf.floor(tf.mul(randomTensor(128, 12, 12, 64), 4)), "int32")
  );
  const output = tf.maxPool(
    tf.reshape<tf.Rank.R4>(input, [...SHAPE]),
    [...SIZE],
    2,
    "valid",
  );
  return {
    retort: () => maxPoolScatter(dy, winner, SHAPE, SIZE),
    stock: stockKernel(tf.MaxPoolGrad, { dy, input, output }, {
      filterSize: [...SIZE],
      strides: [...SIZE],
      pad: "valid",
    }),
  };
});
