import { assert, assertEquals, assertThrows } from "@std/assert";
import { useCpu } from "../../../../core/device/cpu.ts";
import { useWasm } from "../../../../core/device/wasm.ts";
import { biasReluMaxPool } from "../../../../core/kernels/max_pool/op.ts";
import {
  convReluMaxPool,
  type PooledConvolutionOptions,
} from "../../../../core/kernels/conv_relu_max_pool/op.ts";
import type { DropoutRange } from "../../../../core/random/dropout_mask.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";
import { assertGradients } from "../../../finite_differences.ts";
import { assertParity, type Comparison } from "../../../parity.ts";
import { leaveInMemory } from "../wasm/garbage.ts";

function images(x: tf.Tensor): tf.Tensor4D {
  const [a, b, c, d] = x.shape;
  return x.as4D(a, b, c, d);
}

/** The same, its convolution and its pool apart. */
function apart(
  x: tf.Tensor,
  filter: tf.Tensor,
  bias: tf.Tensor,
  { stride = 1, padding = "valid", pool, dropout }: PooledConvolutionOptions,
): tf.Tensor {
  const z = tf.conv2d(images(x), images(filter), stride, padding);
  return biasReluMaxPool(z, bias, pool, dropout);
}

const DROPOUT: DropoutRange = { rate: 0.25, key: [3, 4], first: 6 };

const CASES: [number[], number[], PooledConvolutionOptions][] = [
  [[3, 10, 9, 1], [3, 3, 1, 8], { pool: [2, 2] }],
  [[2, 13, 13, 8], [3, 3, 8, 12], { pool: [2, 2] }],
  [[2, 9, 8, 3], [3, 3, 3, 5], { pool: [2, 2], padding: "same" }],
  [[2, 11, 12, 4], [5, 5, 4, 6], { pool: [3, 2], padding: "same" }],
  [[2, 12, 11, 6], [5, 5, 6, 3], { pool: [2, 2], stride: 2, padding: "same" }],
  [[2, 12, 11, 2], [3, 3, 2, 4], { pool: [2, 1], stride: 2 }],
  [[1, 6, 5, 20], [5, 5, 20, 7], { pool: [2, 1] }],
  [[2, 7, 7, 5], [1, 1, 5, 9], { pool: [3, 3] }],
  [[2, 9, 9, 4], [3, 3, 4, 4], { pool: [2, 2], dropout: DROPOUT }],
  [[2, 8, 9, 4], [3, 3, 4, 6], { pool: [1, 1] }],
  [[2, 9, 8, 12], [3, 3, 12, 5], { pool: [1, 1], stride: 2, padding: "same" }],
  // All windows: Winograd's way, and a large filter.
  [[2, 18, 18, 16], [3, 3, 16, 16], { pool: [2, 2] }],
  [[1, 6, 6, 30], [5, 5, 30, 90], { pool: [2, 2] }],
];

function describe(
  x: number[],
  filter: number[],
  { pool, stride = 1, padding = "valid", dropout }: PooledConvolutionOptions,
): string {
  return `${x.join("×")} by ${
    filter.join("×")
  }, stride ${stride}, ${padding}, pools ${pool.join("×")}${
    dropout ? ", dropout" : ""
  }`;
}

function compare(
  [x, filter, options]: typeof CASES[number],
  compute: typeof apart,
): Comparison {
  return {
    name: describe(x, filter, options),
    compute: ([x, filter, bias]) => compute(x, filter, bias, options),
    shapes: [x, filter, filter.slice(-1)],
  };
}

/** Value and gradients on the current backend. */
function valueAndGradients(
  [x, filter, options]: typeof CASES[number],
  compute: typeof apart,
) {
  const inputs = [x, filter, filter.slice(-1)].map((shape, index) => {
    const random = randomStream(index, "pooled convolution");
    const size = tf.util.sizeFromShape(shape);
    return tf.tensor(
      Float32Array.from({ length: size }, () => 2 * random.uniform() - 1),
      shape,
    );
  });
  const { value, grads } = tf.valueAndGrads((...inputs: tf.Tensor[]) => {
    const [x, filter, bias] = inputs;
    return tf.sum(tf.square(compute(x, filter, bias, options)));
  })(inputs);
  return Promise.all([value, ...grads].map((each) => each.data()));
}

Deno.test("convReluMaxPool and its gradients on Wasm equal the CPU's", async () => {
  await useWasm();
  await assertParity(CASES.map((each) => compare(each, convReluMaxPool)));
});

for (const each of CASES) {
  Deno.test(`convReluMaxPool equals its parts on the CPU, gradients too: ${describe(...each)}`, async () => {
    await useCpu();
    assertEquals(
      await valueAndGradients(each, convReluMaxPool),
      await valueAndGradients(each, apart),
    );
  });
}

Deno.test("convReluMaxPool's gradients on Wasm are the slopes that differences find", async () => {
  await useWasm();
  await assertGradients(
    (x, filter, bias) =>
      convReluMaxPool(x, filter, bias, { pool: [2, 2], padding: "same" }),
    [[1, 4, 4, 2], [3, 3, 2, 3], [3]],
    { step: 0.002, apart: 0.02 },
  );
});

Deno.test("convReluMaxPool without a gradient by its input has the others, and computes no more", async () => {
  await useWasm();
  const [x, filter, bias] = [[2, 9, 9, 3], [3, 3, 3, 4], [4]].map((shape) =>
    tf.randomUniform(shape, -1, 1, "float32", 5)
  );
  const differentiate = (differentiateInput: boolean) =>
    tf.grads((filter: tf.Tensor, bias: tf.Tensor) =>
      tf.sum(tf.square(
        convReluMaxPool(x, filter, bias, { pool: [2, 2], differentiateInput }),
      ))
    )([filter, bias]);
  const all = differentiate(true);
  const few = differentiate(false);
  for (const [index, gradient] of few.entries()) {
    assertEquals(await gradient.data(), await all[index].data());
  }
  const { kernels } = await tf.profile(() => differentiate(false));
  const made = kernels.filter(({ name }) =>
    name === "RetortConvReluMaxPoolGradient"
  );
  assertEquals(made.map(({ outputShapes }) => outputShapes), [[[3, 3, 3, 4]]]);
});

Deno.test("convReluMaxPool's gradients are the same bits whatever memory held before", async () => {
  await useWasm();
  for (const each of CASES) {
    leaveInMemory(0);
    const first = await valueAndGradients(each, convReluMaxPool);
    leaveInMemory(NaN);
    assertEquals(await valueAndGradients(each, convReluMaxPool), first);
  }
});

Deno.test("a NaN among the pixels reaches the gradients, on Wasm as on the CPU", async () => {
  const results = async () => {
    const pixels = new Float32Array(36).fill(1);
    pixels[20] = NaN;
    const x = tf.tensor(pixels, [1, 6, 6, 1]);
    const [gradient] = tf.grads((filter: tf.Tensor, bias: tf.Tensor) =>
      tf.sum(convReluMaxPool(x, filter, bias, { pool: [2, 2] }))
    )([tf.ones([3, 3, 1, 2]), tf.zeros([2])]);
    return [...await gradient.data()].some(Number.isNaN);
  };
  await useWasm();
  assert(await results());
  await useCpu();
  assert(await results());
});

Deno.test("convReluMaxPool refuses a pool that doesn't fit", async () => {
  await useWasm();
  assertThrows(
    () =>
      convReluMaxPool(
        tf.ones([1, 4, 4, 1]),
        tf.ones([3, 3, 1, 2]),
        tf.zeros([2]),
        { pool: [3, 3] },
      ),
    RangeError,
    "a window must fit",
  );
});
