// Dropout of a batch of 128 rows of features, mask and product: seeded here, by
// Math.random in tfjs.
import { dropOut } from "../../core/kernels/drop_out/op.ts";
import * as tf from "../../core/tf.ts";
import { benchKernel } from "./bench_kernel.ts";
import { randomTensor } from "./random_tensor.ts";

benchKernel("dropout", () => {
  const x = randomTensor(128, 9216);
  return {
    retort: () => dropOut(x, { rate: 0.2, key: [1, 2], first: 0 }),
    stock: () => tf.dropout(x, 0.2),
  };
});
