// The teacher's first dense layer at batch 128, and both of its gradients.
import * as tf from "../../core/tf.ts";
import { benchKernel, stockKernel } from "./bench_kernel.ts";
import { randomTensor } from "./random_tensor.ts";

for (
  const [name, aShape, bShape, transposeA, transposeB] of [
    ["x·w", [128, 9216], [9216, 128], false, false],
    ["dy·wᵀ", [128, 128], [9216, 128], false, true],
    ["xᵀ·dy", [128, 9216], [128, 128], true, false],
  ] as const
) {
  benchKernel(`matmul ${name}`, () => {
    const [a, b] = [randomTensor(...aShape), randomTensor(...bShape)];
    const batched = {
      a: tf.reshape(a, [1, ...aShape]),
      b: tf.reshape(b, [1, ...bShape]),
    };
    return {
      retort: () => tf.matMul(a, b, transposeA, transposeB),
      stock: stockKernel(tf.BatchMatMul, batched, { transposeA, transposeB }),
    };
  });
}
