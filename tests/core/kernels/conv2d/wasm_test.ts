import { assert, assertEquals } from "@std/assert";
import { useWasm } from "../../../../core/device/wasm.ts";
import { conv2d } from "../../../../core/kernels/conv2d/wasm.ts";
import { conv2dBackpropFilter } from "../../../../core/kernels/conv2d/wasm.ts";
import { conv2dBackpropInput } from "../../../../core/kernels/conv2d/wasm.ts";
import {
  conv2dGeometry,
  type Shape4,
} from "../../../../core/kernels/conv2d/wasm_frames.ts";
import { asWasmBackend } from "../../../../core/kernels/wasm/heap.ts";
import { gemmKernels } from "../../../../core/kernels/wasm/gemm/gemm.ts";
import { hasRelaxedSimd } from "../../../../core/kernels/wasm/assemble.ts";
import { suitsWinograd } from "../../../../core/kernels/conv2d/wasm_winograd.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";
import { assertParity, convolution } from "../../../parity.ts";
import { leaveInMemory } from "../wasm/garbage.ts";

Deno.test("Winograd's way takes wide 3×3 convolutions that fill its tiles, and no others", () => {
  const wide = {
    window: [3, 3],
    strides: [1, 1],
    output: [8, 8, 16],
    channels: 16,
  };
  assert(suitsWinograd(wide));
  assert(!suitsWinograd({ ...wide, window: [3, 5] }));
  assert(!suitsWinograd({ ...wide, strides: [1, 2] }));
  assert(!suitsWinograd({ ...wide, channels: 18 }));
  assert(!suitsWinograd({ ...wide, output: [8, 8, 12] }));
  assert(!suitsWinograd({ ...wide, output: [5, 5, 16] }));
});

Deno.test("wide 3×3 convolutions and their gradients on Wasm equal the CPU's, whole tiles or not", async () => {
  await useWasm();
  await assertParity([
    convolution([2, 10, 10, 16], [3, 3, 16, 16], 1, "valid"),
    convolution([3, 9, 10, 20], [3, 3, 20, 16], 1, "same"),
    convolution([2, 8, 9, 16], [3, 3, 16, 28], 1, 1),
    convolution([5, 6, 8, 16], [3, 3, 16, 20], 1, [
      [0, 0],
      [0, 2],
      [1, 3],
      [0, 0],
    ]),
    convolution([3, 26, 40, 16], [3, 3, 16, 16], 1, "valid"),
  ]);
});

Deno.test("deep windows are convolved row by row on Wasm as the CPU does", async () => {
  await useWasm();
  await assertParity([
    convolution([1, 4, 5, 230], [3, 3, 230, 3], 1, "valid"),
    convolution([1, 3, 3, 700], [2, 1, 700, 2], 1, "same"),
  ]);
});

Deno.test("a dilated convolution on Wasm is the stock one", async () => {
  await useWasm();
  await assertParity([{
    name: "dilated by 2",
    compute: ([x, filter]) =>
      tf.conv2d(
        x.as4D(2, 9, 8, 3),
        filter.as4D(3, 2, 3, 4),
        1,
        "valid",
        "NHWC",
        2,
      ),
    shapes: [[2, 9, 8, 3], [3, 2, 3, 4]],
    gradients: false,
  }]);
});

/** A convolution's result and both of its gradients on Wasm. */
async function convolveAll(
  input: Shape4,
  filterShape: Shape4,
  fused: boolean,
): Promise<Float32Array[]> {
  await useWasm();
  const backend = asWasmBackend(tf.backend());
  const kernels = gemmKernels(backend, fused);
  const geometry = conv2dGeometry(input, filterShape, {
    strides: [1, 1],
    pad: "same",
    dataFormat: "NHWC",
  });
  const before = backend.numDataIds();
  const [x, filter, dy] = [input, filterShape, geometry.output].map((shape) => {
    const random = randomStream(11, shape.join());
    return tf.tensor(
      Float32Array.from(
        { length: tf.util.sizeFromShape(shape) },
        () => 2 * random.uniform() - 1,
      ),
      shape,
    );
  });
  const results = [
    conv2d(backend, kernels, { x, filter }, geometry),
    conv2dBackpropInput(backend, kernels, { dy, filter }, geometry),
    conv2dBackpropFilter(backend, kernels, { x, dy }, geometry),
  ];
  const read = results.map((result) =>
    Float32Array.from(backend.typedArrayFromHeap(result))
  );
  for (const { dataId } of results) backend.disposeData(dataId);
  tf.dispose([x, filter, dy]);
  assertEquals(backend.numDataIds(), before, "memory was leaked");
  return read;
}

const SHAPES: [Shape4, Shape4][] = [
  [[2, 7, 9, 3], [3, 3, 3, 5]],
  [[2, 9, 10, 16], [3, 3, 16, 20]],
];

Deno.test("convolutions without relaxed_madd differ from those with it by rounding only", async () => {
  await useWasm();
  if (!hasRelaxedSimd()) return;
  for (const [input, filter] of SHAPES) {
    const fused = await convolveAll(input, filter, true);
    const apart = await convolveAll(input, filter, false);
    fused.forEach((result, which) => {
      const scale = Math.max(...result.map(Math.abs));
      result.forEach((value, index) =>
        assert(Math.abs(value - apart[which][index]) <= 1e-5 * scale)
      );
    });
  }
});

Deno.test("convolutions and their gradients are the same bits whatever memory held before", async () => {
  await useWasm();
  for (const [input, filter] of SHAPES) {
    leaveInMemory(0);
    const first = await convolveAll(input, filter, hasRelaxedSimd());
    leaveInMemory(NaN);
    assertEquals(await convolveAll(input, filter, hasRelaxedSimd()), first);
  }
});
