import { assertEquals, assertThrows } from "@std/assert";
import { useWasm } from "../../../../core/device/wasm.ts";
import { registerWasmKernels } from "../../../../core/kernels/wasm/register.ts";
import * as tf from "../../../../core/tf.ts";
import {
  assertParity,
  convolution,
  type Padding,
  pooling,
  products,
} from "../../../parity.ts";

const STRIDES = [1, 2, 3, [2, 1], [1, 3]] satisfies (
  | number
  | [number, number]
)[];
const PADDINGS: Padding[] = [
  "valid",
  "same",
  [[0, 0], [1, 1], [1, 1], [0, 0]],
  [[0, 0], [1, 2], [0, 1], [0, 0]],
];

/**
 * Whether windows of `filter` leave no gaps. With gaps and padding "same", tfjs's
 * own forward kernel on Wasm gives zeros.
 */
function reaches(filter: number[], stride: number | [number, number]): boolean {
  const [down, across] = Array.isArray(stride) ? stride : [stride, stride];
  return filter[0] >= down && filter[1] >= across;
}

for (const stride of STRIDES) {
  for (const padding of PADDINGS) {
    const how = `with stride ${stride} and padding ${JSON.stringify(padding)}`;

    Deno.test(`conv2d and its gradients on Wasm equal the CPU's ${how}`, async () => {
      await useWasm();
      const filters = [[3, 2, 3, 4], [3, 3, 1, 5], [5, 4, 3, 1], [2, 3, 4, 8]];
      const comparisons = [...filters, [1, 1, 2, 3]]
        .filter((filter) => padding !== "same" || reaches(filter, stride))
        .map((filter, index) =>
          convolution([index + 1, 9, 8, filter[2]], filter, stride, padding)
        );
      await assertParity([
        ...comparisons,
        convolution([5, 7, 10, 3], [3, 3, 3, 2], stride, padding),
      ]);
    });

    Deno.test(`max-pooling and its gradient on Wasm equal the CPU's ${how}`, async () => {
      await useWasm();
      await assertParity([
        pooling([1, 7, 6, 3], 2, stride, padding),
        pooling([2, 5, 9, 1], 3, stride, padding),
        pooling([3, 8, 5, 2], [2, 3], stride, padding),
        pooling([4, 6, 7, 5], [3, 2], stride, padding),
        pooling([5, 6, 6, 4], 2, stride, padding, 1),
      ]);
    });
  }
}

// tfjs takes a number to mean a square window, and corrupts Wasm's memory if it isn't.
Deno.test("convolution, max-pooling and their gradients on Wasm equal the CPU's with a number as padding", async () => {
  await useWasm();
  await assertParity([1, 2, 3].flatMap((stride) => [
    convolution([2, 7, 7, 3], [3, 3, 3, 4], stride, 1),
    convolution([2, 8, 8, 1], [5, 5, 1, 2], stride, 2),
    pooling([2, 7, 7, 3], 3, stride, 1),
  ]));
});

Deno.test("conv2d's filter gradient on Wasm adds up over more images than it takes at once", async () => {
  await useWasm();
  await assertParity([
    convolution([32, 5, 4, 2], [3, 2, 2, 3], 1, "valid"),
    convolution([33, 5, 4, 2], [3, 2, 2, 3], 1, "same"),
    convolution([70, 6, 5, 1], [3, 3, 1, 2], 2, "same"),
  ]);
});

Deno.test("conv2d's gradients on Wasm are zero where no window reaches", async () => {
  await useWasm();
  await assertParity([
    convolution([2, 8, 8, 2], [2, 2, 2, 3], 3, "valid"),
    convolution([2, 9, 10, 1], [1, 1, 1, 1], 4, "valid"),
  ]);
});

Deno.test("conv2d's gradients on Wasm differentiate the teacher's convolutions", async () => {
  await useWasm();
  await assertParity([
    convolution([3, 9, 8, 1], [3, 3, 1, 32], 1, "valid"),
    convolution([3, 7, 6, 32], [3, 3, 32, 64], 1, "valid"),
  ]);
});

Deno.test("matMul and its gradients on Wasm equal the CPU's for all transposes", async () => {
  await useWasm();
  await assertParity([
    ...products([], [1, 1, 1]),
    ...products([], [5, 7, 3]),
    ...products([], [1, 9, 4]),
    ...products([], [33, 65, 17]),
    ...products([1], [3, 2, 5]),
    ...products([4], [3, 5, 2]),
    ...products([2, 3], [4, 3, 5]),
  ]);
});

Deno.test("matMul on Wasm broadcasts a batch of one, transposed or not", async () => {
  await useWasm();
  await assertParity([false, true].map((transpose) => ({
    name: `broadcast, transposed ${transpose}`,
    compute: ([a, b]) => tf.matMul(a, b, transpose, transpose),
    shapes: transpose ? [[1, 3, 4], [5, 2, 3]] : [[1, 4, 3], [5, 3, 2]],
    gradients: false,
  })));
});

Deno.test("registerWasmKernels does nothing the second time", async () => {
  await useWasm();
  const kernel = tf.getKernel(tf.BatchMatMul, "wasm");
  await registerWasmKernels();
  assertEquals(tf.getKernel(tf.BatchMatMul, "wasm"), kernel);
});

Deno.test("gradients on Wasm that tfjs lacks refuse integers, whose bits they would misread", async () => {
  await useWasm();
  const images = tf.ones([1, 4, 4, 1], "int32");
  const window = { strides: 1, pad: "valid", dataFormat: "NHWC", dilations: 1 };
  assertThrows(
    () =>
      tf.engine().runKernel(tf.Conv2DBackpropFilter, {
        x: images,
        dy: tf.ones([1, 3, 3, 1]),
      }, { ...window, filterShape: [2, 2, 1, 1] }),
    TypeError,
    "Cannot run Conv2DBackpropFilter on Wasm: its inputs must hold float32: current value is x int32, dy float32",
  );
  assertThrows(
    () =>
      tf.engine().runKernel(tf.MaxPoolGrad, {
        input: images,
        output: images,
        dy: tf.ones([1, 2, 2, 1]),
      }, { filterSize: 2, strides: 2, pad: "valid" }),
    TypeError,
    "Cannot run MaxPoolGrad on Wasm",
  );
});
