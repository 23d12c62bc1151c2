import type * as tf from "../../../tf.ts";
import type { Conv2DGeometry } from "../conv2d_geometry.ts";
import { heapImages } from "../framed_images.ts";
import type { GemmKernels } from "../gemm_kernels.ts";
import { heapOffset, makeOutput } from "../heap.ts";
import { correlate } from "./correlate.ts";

/**
 * y[n, v, u, c] = Σᵢ,ⱼ x[n, v·s + i, u·t + j, c] · w[i, j, c], x padded with zeros.
 *
 * x `[n, h, w, c]`, filter `[kh, kw, c, 1]` → `[n, h′, w′, c]`.
 */
export function depthwiseConv2d(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { x, filter }: Record<"x" | "filter", tf.TensorInfo>,
  { input, filter: shape, output, strides, frame }: Conv2DGeometry,
): tf.TensorInfo {
  const y = makeOutput(backend, output, "float32");
  correlate(backend, kernels, {
    images: heapImages(backend, x, input),
    frame,
    window: [shape[0], shape[1]],
    strides,
    output: [output[1], output[2]],
    filter: Float32Array.from(backend.typedArrayFromHeap(filter)),
    result: heapOffset(backend, y),
  });
  return y;
}
