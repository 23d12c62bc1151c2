import type * as tf from "../../../tf.ts";
import { type Conv2DGeometry, gradientFrame } from "../conv2d_geometry.ts";
import { heapImages } from "../framed_images.ts";
import type { GemmKernels } from "../gemm_kernels.ts";
import { heapOffset, makeOutput } from "../heap.ts";
import { correlate } from "./correlate.ts";

/**
 * ∂L/∂x of a depthwise convolution: the output gradient, its pixels as far apart
 * as the windows, convolved with the filter flipped in both directions.
 *
 * dy `[n, h′, w′, c]`, filter `[kh, kw, c, 1]` → `[n, h, w, c]`.
 */
export function depthwiseBackpropInput(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { dy, filter }: Record<"dy" | "filter", tf.TensorInfo>,
  geometry: Conv2DGeometry,
): tf.TensorInfo {
  const { input, filter: [rows, columns, channels], output } = geometry;
  const dx = makeOutput(backend, input, "float32");
  const weights = backend.typedArrayFromHeap(filter);
  const last = rows * columns - 1;
  const flipped = new Float32Array(rows * columns * channels);
  for (let tap = 0; tap <= last; tap++) {
    const from = (last - tap) * channels;
    flipped.set(weights.subarray(from, from + channels), tap * channels);
  }
  correlate(backend, kernels, {
    images: heapImages(backend, dy, output),
    frame: gradientFrame(geometry),
    window: [rows, columns],
    strides: [1, 1],
    output: [input[1], input[2]],
    filter: flipped,
    result: heapOffset(backend, dx),
  });
  return dx;
}
