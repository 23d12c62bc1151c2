import { assertEquals } from "@std/assert";
import { assertDeviceHealthy } from "../../../../core/device/health.ts";
import { selectBackend } from "../../../../core/device/select_backend.ts";
import { biasRelu } from "../../../../core/kernels/bias_relu/op.ts";
import { biasReluMaxPool } from "../../../../core/kernels/max_pool/op.ts";
import { dropOut } from "../../../../core/kernels/drop_out/op.ts";
import {
  mixedLoss,
  packTerms,
} from "../../../../core/kernels/mixed_loss/op.ts";
import { asWebGpuBackend } from "../../../../core/kernels/webgpu/run_program.ts";
import type { DropoutRange } from "../../../../core/random/dropout_mask.ts";
import * as tf from "../../../../core/tf.ts";
import { adam } from "../../../../core/train/optimisers/adam.ts";
import { hasAdapter } from "../../../vulkan.ts";

Deno.test({
  name:
    "200 steps over every kernel keep as many tensors and bytes as one (needs a Vulkan driver)",
  ignore: !hasAdapter,
  fn: async () => {
    await selectBackend("webgpu");
    const optimiser = adam();
    const images = tf.ones([4, 6, 6, 3]);
    const range: DropoutRange = { rate: 0.5, key: [1, 2], first: 0 };
    const targets = {
      labels: tf.tensor1d([0, 1, 2, 3], "int32"),
      teacherLogits: tf.ones([4, 4]),
      terms: packTerms([{ a: 1, b: 1, c: 1, T: 2 }]),
    };
    let weights: tf.Tensor[] = [tf.ones([3]), tf.ones([27, 4]), tf.ones([4])];
    let state = optimiser.start(weights);
    const step = async (count: number) => {
      const next = tf.tidy(() => {
        const gradients = tf.grads((...[bias, kernel, last]: tf.Tensor[]) => {
          const pooled = biasReluMaxPool(images, bias, [2, 2], range);
          const x = dropOut(tf.reshape(pooled, [4, 27]), range);
          const hidden = biasRelu(tf.matMul(x, kernel), last, range);
          return tf.sum(mixedLoss(tf.reshape(hidden, [4, 1, 4]), targets));
        })(weights);
        const { weights: moved, state: slots } = optimiser.update(
          { weights, gradients, state, learningRate: 0.01, count },
        );
        return { moved, slots };
      });
      tf.dispose([weights, state]);
      weights = next.moved;
      state = next.slots;
      // Frees what waits for the queue.
      await weights[0].data();
    };
    const backend = asWebGpuBackend(tf.backend());
    const used = () => {
      const { numBytesInGPU, numBytesAllocatedInGPU } = backend.memory();
      return {
        tensors: tf.memory().numTensors,
        numBytesInGPU,
        numBytesAllocatedInGPU,
      };
    };
    for (let count = 1; count <= 3; count++) await step(count);
    const before = used();
    for (let count = 4; count <= 200; count++) await step(count);
    assertEquals(used(), before);
    assertDeviceHealthy();
  },
});
