import { assertEquals, assertThrows } from "@std/assert";
import { useCpu } from "../../../../core/device/cpu.ts";
import { biasReluMaxPool } from "../../../../core/kernels/max_pool/op.ts";
import { dropOut } from "../../../../core/kernels/drop_out/op.ts";
import {
  maxPoolScatter,
  type PoolSize,
} from "../../../../core/kernels/max_pool/op.ts";
import type { DropoutRange } from "../../../../core/random/dropout_mask.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";

await useCpu();

type Shape = [number, number, number, number];
const SHAPES: [Shape, PoolSize][] = [
  [[1, 2, 2, 1], [2, 2]],
  [[2, 5, 7, 3], [2, 2]],
  [[3, 6, 4, 5], [3, 2]],
  [[2, 3, 8, 4], [1, 3]],
];
const RANGE: DropoutRange = { rate: 0.5, key: [8, 9], first: 2 };

function random(shape: number[], name: string): tf.Tensor {
  const stream = randomStream(4, name);
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(
    Float32Array.from({ length: size }, () => 2 * stream.uniform() - 1),
    shape,
  );
}

/** maxpool(relu(z + b)) ⊙ m by tfjs's own operations and gradients. */
function unfused(
  z: tf.Tensor,
  bias: tf.Tensor,
  size: PoolSize,
  dropout?: DropoutRange,
): tf.Tensor {
  const [n, h, w, c] = z.shape;
  const active = tf.relu(tf.add(z, bias)).as4D(n, h, w, c);
  const [rows, columns] = size;
  const pooled = tf.maxPool(active, [rows, columns], [rows, columns], "valid");
  return dropout ? dropOut(pooled, dropout) : pooled;
}

for (const [shape, size] of SHAPES) {
  for (const dropout of [undefined, RANGE]) {
    const what = `[${shape}] by ${size}${dropout ? " with dropout" : ""}`;
    const z = random(shape, "z");
    const bias = random(shape.slice(-1), "bias");

    Deno.test(`biasReluMaxPool of ${what} equals maxpool(relu(z + b)), to the bit`, async () => {
      const y = biasReluMaxPool(z, bias, size, dropout);
      const wanted = unfused(z, bias, size, dropout);
      assertEquals(y.shape, wanted.shape);
      assertEquals(await y.data(), await wanted.data());
    });

    Deno.test(`biasReluMaxPool of ${what} has the gradients of maxpool(relu(z + b))`, async () => {
      const gradients = (compute: typeof unfused) =>
        tf.grads((z: tf.Tensor, bias: tf.Tensor) => {
          const y = compute(z, bias, size, dropout);
          return tf.sum(tf.mul(y, random(y.shape, "weights")));
        })([z, bias]);
      const [dz, db] = gradients(biasReluMaxPool);
      const [wantedZ, wantedB] = gradients(unfused);
      assertEquals(await dz.data(), await wantedZ.data());
      const sums = await wantedB.data();
      (await db.data()).forEach((value, i) =>
        // Sums of the same numbers in another order.
        assertEquals(Math.abs(value - sums[i]) < 1e-5, true)
      );
    });
  }
}

Deno.test("biasReluMaxPool gives a window's gradient to the first of its largest", async () => {
  const z = tf.tensor4d([2, 5, 5, 5], [1, 2, 2, 1]);
  const gradient = tf.grad((z: tf.Tensor) =>
    biasReluMaxPool(z, tf.zeros([1]), [2, 2])
  )(z);
  assertEquals([...await gradient.data()], [0, 1, 0, 0]);
});

Deno.test("biasReluMaxPool and its gradient leak nothing in a tidy", () => {
  const given = [random([2, 5, 7, 3], "z"), random([3], "bias")];
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    tf.grads((z: tf.Tensor, bias: tf.Tensor) =>
      biasReluMaxPool(z, bias, [2, 2], RANGE)
    )(given);
  });
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("maxPoolScatter puts each value at its winner, and 0 where no window reaches", async () => {
  const g = tf.tensor4d([7, 8], [1, 1, 2, 1]);
  const winner = tf.tensor4d([3, 0], [1, 1, 2, 1], "int32");
  const dz = maxPoolScatter(g, winner, [1, 3, 5, 1], [2, 2]);
  assertEquals(await tf.reshape(dz, [3, 5]).array(), [
    [0, 0, 8, 0, 0],
    [0, 7, 0, 0, 0],
    [0, 0, 0, 0, 0],
  ]);
});

Deno.test("biasReluMaxPool refuses a window that doesn't fit", () => {
  assertThrows(
    () => biasReluMaxPool(tf.ones([1, 2, 4, 1]), tf.ones([1]), [3, 3]),
    RangeError,
    "a window of [3, 3] on [1, 2, 4, 1]",
  );
});
