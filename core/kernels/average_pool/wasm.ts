import type * as tf from "../../tf.ts";
import {
  conv2dGeometry,
  heapImages,
  type Shape4,
  shape4,
} from "../conv2d/wasm_frames.ts";
import { correlate } from "../depthwise_conv2d/wasm.ts";
import type { GemmKernels } from "../wasm/gemm/gemm.ts";
import { heapOffset, makeOutput } from "../wasm/heap.ts";
import { assertAttributes, type Replacement } from "../wasm/replace_kernel.ts";

/**
 * Average-pooling by windows of size×size side by side: a depthwise convolution by
 * 1 / size²; what doesn't fill a window is left out.
 *
 * x `[n, h, w, c]` → `[n, ⌊h / size⌋, ⌊w / size⌋, c]`.
 */
function averagePool(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  x: tf.TensorInfo,
  input: Shape4,
  size: number,
): tf.TensorInfo {
  const channels = input[3];
  const { output, strides, frame } = conv2dGeometry(
    input,
    [size, size, channels, channels],
    { strides: [size, size], pad: "valid", dataFormat: "NHWC" },
  );
  const y = makeOutput(backend, output, "float32");
  correlate(backend, kernels, {
    images: heapImages(backend, x, input),
    frame,
    window: [size, size],
    strides,
    output: [output[1], output[2]],
    filter: new Float32Array(size * size * channels).fill(1 / (size * size)),
    result: heapOffset(backend, y),
  });
  return y;
}

/** The size of square pools side by side, if an average pool's are such. */
function poolSize(attributes: unknown): number | undefined {
  assertAttributes<tf.AvgPoolAttrs>(attributes, "filterSize", "strides", "pad");
  const { filterSize, strides, pad } = attributes;
  const [size] = [filterSize].flat();
  const square = [filterSize, strides].flat().every((each) => each === size);
  return square && pad === "valid" ? size : undefined;
}

/**
 * Kernel `AvgPool` of windows side by side, which tfjs's does a number at a time
 * where channels are few.
 */
export const averagePoolReplacement: Replacement = {
  compute: (backend, kernels, { x }, attributes) =>
    averagePool(
      backend,
      kernels,
      x,
      shape4(x.shape),
      poolSize(attributes) ?? 1,
    ),
  keepsStock: (attributes, { x }) =>
    x.shape.length !== 4 || poolSize(attributes) === undefined,
};
