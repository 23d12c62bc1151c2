import { assert, assertEquals } from "@std/assert";
import { assertDeviceHealthy } from "../../../../core/device/health.ts";
import { selectBackend } from "../../../../core/device/select_backend.ts";
import { biasRelu } from "../../../../core/kernels/bias_relu/op.ts";
import { biasReluMaxPool } from "../../../../core/kernels/max_pool/op.ts";
import { columnSum } from "../../../../core/kernels/column_sum/op.ts";
import { dropOut } from "../../../../core/kernels/drop_out/op.ts";
import {
  mixedLoss,
  packTerms,
} from "../../../../core/kernels/mixed_loss/op.ts";
import {
  type DropoutRange,
  fillDropoutMask,
} from "../../../../core/random/dropout_mask.ts";
import * as tf from "../../../../core/tf.ts";
import { hasAdapter } from "../../../vulkan.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: `${name} (needs a Vulkan driver)`,
    ignore: !hasAdapter,
    fn: async () => {
      await selectBackend("webgpu");
      await fn();
      assertDeviceHealthy();
    },
  });
}

/** Even and odd places, sizes that vectors divide and don't, and the words' end. */
const RANGES: [size: number, DropoutRange][] = [1, 5, 64, 1000, 1003]
  .flatMap((size) =>
    [0, 1, 6, 7, 2 ** 33 - 5].map((first): [number, DropoutRange] => [
      size,
      { rate: 0.25, key: [0xfedcba98, 0x89abcdef], first },
    ])
  );

test("masks made by WebGPU are the processor's, to the bit, by every kernel", async () => {
  for (const [size, range] of RANGES) {
    const mask = new Float32Array(size);
    fillDropoutMask(mask, range.rate, range.key, range.first);
    const name = `${size} from ${range.first}`;
    const ones = tf.ones([size, 1]);
    assertEquals(await dropOut(ones, range).data(), mask, name);
    const bias = tf.zeros([1]);
    assertEquals(await biasRelu(ones, bias, range).data(), mask, name);
    const images = tf.ones([1, 2 * size, 3, 1]);
    const pooled = biasReluMaxPool(images, bias, [2, 3], range);
    assertEquals(await pooled.data(), mask, name);
  }
});

test("masks of rows of 64 channels on WebGPU are the processor's, to the bit", async () => {
  const range: DropoutRange = { rate: 0.5, key: [3, 4], first: 64 };
  const mask = fillDropoutMask(new Float32Array(3 * 5 * 64), 0.5, [3, 4], 64);
  const bias = tf.zeros([64]);
  const z = tf.ones([3, 5, 1, 64]);
  assertEquals(await biasRelu(z, bias, range).data(), mask);
  assertEquals(await biasReluMaxPool(z, bias, [1, 1], range).data(), mask);
});

test("relu on WebGPU lets NaN through, and so does the loss", async () => {
  const nothing = tf.zeros([4]);
  const z = tf.fill([3, 2, 2, 4], NaN);
  for (const y of [biasRelu(z, nothing), biasReluMaxPool(z, nothing, [2, 2])]) {
    assert((await y.data()).every(Number.isNaN));
  }
  const logits = tf.tensor3d([[[1, NaN, 3], [1, 2, 3]]]);
  const losses = await mixedLoss(logits, {
    labels: tf.tensor1d([0], "int32"),
    teacherLogits: tf.zeros([1, 3]),
    terms: packTerms([{ a: 1 }, { a: 1 }]),
  }).data();
  assertEquals([...losses].map(Number.isNaN), [true, false]);
});

test("column sums on WebGPU are equal to the bit every time", async () => {
  const x = tf.randomNormal([5000, 12], 0, 1, "float32", 7);
  const sum = async () => [...await columnSum(x).data()];
  const first = await sum();
  for (let time = 0; time < 5; time++) assertEquals(await sum(), first);
});

test("more elements than one dimension of workgroups has are all reached", async () => {
  const size = 4 * 64 * 65535 + 4;
  const range: DropoutRange = { rate: 0.5, key: [1, 1], first: 0 };
  const kept = tf.tidy(() =>
    tf.slice(dropOut(tf.ones([size]), range), size - 8, 8)
  );
  const mask = fillDropoutMask(new Float32Array(8), 0.5, [1, 1], size - 8);
  assertEquals(await kept.data(), mask);
  kept.dispose();
});
