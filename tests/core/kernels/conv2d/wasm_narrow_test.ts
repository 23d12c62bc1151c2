import { assert, assertEquals } from "@std/assert";
import { useWasm } from "../../../../core/device/wasm.ts";
import { conv2dGeometry } from "../../../../core/kernels/conv2d/wasm_frames.ts";
import { convolveDirectly } from "../../../../core/kernels/conv2d/wasm_direct.ts";
import { heapImages } from "../../../../core/kernels/conv2d/wasm_frames.ts";
import {
  asWasmBackend,
  heapOffset,
  makeOutput,
} from "../../../../core/kernels/wasm/heap.ts";
import { gemmKernels } from "../../../../core/kernels/wasm/gemm/gemm.ts";
import { convolveNarrow } from "../../../../core/kernels/conv2d/wasm_narrow.ts";
import {
  isNarrow,
  narrowConvolution,
} from "../../../../core/kernels/conv2d/wasm_narrow.ts";
import { hasRelaxedSimd } from "../../../../core/kernels/wasm/assemble.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";
import { assertParity, convolution } from "../../../parity.ts";
import { leaveInMemory } from "../wasm/garbage.ts";

Deno.test("narrow convolutions are those whose filters fit into registers and cache", () => {
  assert(isNarrow({ rows: 3, run: 24, filters: 12 }));
  assert(!isNarrow({ rows: 3, run: 24, filters: 13 }));
  assert(!isNarrow({ rows: 3, run: 129, filters: 4 }));
  assert(!isNarrow({ rows: 9, run: 100, filters: 12 }));
});

Deno.test("narrow convolutions and their gradients on Wasm equal the CPU's, for every number of filters", async () => {
  await useWasm();
  await assertParity([
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12].map((filters) =>
      convolution([2, 7, 8, 3], [3, 3, 3, filters], 1, "valid")
    ),
    convolution([3, 28, 28, 1], [3, 3, 1, 8], 1, "valid"),
    convolution([2, 28, 28, 1], [5, 5, 1, 4], 2, "same"),
    convolution([2, 9, 7, 5], [5, 5, 5, 7], 1, "same"),
    convolution([2, 9, 8, 6], [3, 3, 6, 12], 2, "same"),
    convolution([2, 9, 8, 6], [3, 2, 6, 10], [2, 3], "valid"),
    convolution([3, 6, 6, 12], [1, 1, 12, 8], 1, "valid"),
    // Fewer windows than fit into registers.
    convolution([1, 3, 4, 8], [3, 3, 8, 4], 1, "valid"),
    convolution([1, 3, 3, 8], [3, 3, 8, 12], 1, "valid"),
  ]);
});

/** A convolution by `compute`, straight on the heap. */
async function convolveBy(
  compute: typeof convolveNarrow,
): Promise<Float32Array> {
  await useWasm();
  const backend = asWasmBackend(tf.backend());
  const geometry = conv2dGeometry([3, 9, 8, 5], [3, 3, 5, 7], {
    strides: [1, 1],
    pad: "same",
    dataFormat: "NHWC",
  });
  const { input, filter, output, strides, frame } = geometry;
  const [x, weights] = [input, filter].map((shape) => {
    const random = randomStream(13, shape.join());
    const size = tf.util.sizeFromShape(shape);
    return Float32Array.from({ length: size }, () => 2 * random.uniform() - 1);
  });
  const images = tf.tensor(x, input);
  const y = makeOutput(backend, output, "float32");
  compute(backend, gemmKernels(backend), {
    images: heapImages(backend, images, input),
    frame,
    window: [3, 3],
    strides,
    output: [output[1], output[2], output[3]],
    writeMatrix: (matrix) => matrix.set(weights),
    result: heapOffset(backend, y),
  });
  const read = Float32Array.from(backend.typedArrayFromHeap(y));
  backend.disposeData(y.dataId);
  images.dispose();
  return read;
}

Deno.test("a narrow convolution adds in the order of the general one: the bits are equal", async () => {
  assertEquals(
    await convolveBy(convolveNarrow),
    await convolveBy(convolveDirectly),
  );
});

Deno.test("a narrow convolution is the same bits whatever memory held before", async () => {
  await useWasm();
  leaveInMemory(0);
  const first = await convolveBy(convolveNarrow);
  leaveInMemory(NaN);
  assertEquals(await convolveBy(convolveNarrow), first);
});

Deno.test("the filter gradient of a narrow convolution is the same bits whatever memory held before", async () => {
  await useWasm();
  const run = async () => {
    const x = tf.ones<tf.Rank.R4>([2, 9, 8, 3]);
    const gradient = tf.grad((filter: tf.Tensor) =>
      tf.sum(tf.square(tf.conv2d(x, filter.as4D(3, 3, 3, 6), 2, "same")))
    )(tf.range(0, 162).reshape([3, 3, 3, 6]));
    return await gradient.data();
  };
  leaveInMemory(0);
  const first = await run();
  leaveInMemory(NaN);
  assertEquals(await run(), first);
});

Deno.test("a narrow convolution without relaxed_madd differs by rounding only", async () => {
  await useWasm();
  const backend = asWasmBackend(tf.backend());
  const random = randomStream(14);
  const values = (size: number) =>
    Float32Array.from({ length: size }, () => 2 * random.uniform() - 1);
  const x = tf.tensor(values(8 * 24), [8, 24]);
  const w = tf.tensor(values(24 * 8), [24, 8]);
  const table = tf.tensor(
    Int32Array.from({ length: 8 }, (_, row) => 96 * row),
    [8],
    "int32",
  );
  const run = (fused: boolean) => {
    const y = makeOutput(backend, [8, 8], "float32");
    narrowConvolution(backend, 24, 8, fused)(
      ...[x, table, w, y].map((tensor) => heapOffset(backend, tensor)),
      8,
      1,
      96,
    );
    const read = Float32Array.from(backend.typedArrayFromHeap(y));
    backend.disposeData(y.dataId);
    return read;
  };
  const wanted = await tf.matMul(x.as2D(8, 24), w.as2D(24, 8)).data();
  for (const fused of [hasRelaxedSimd(), false]) {
    run(fused).forEach((value, index) =>
      assert(Math.abs(value - wanted[index]) < 1e-5)
    );
  }
  tf.dispose([x, w, table]);
});
