import type * as tf from "../../tf.ts";
import type { Conv2DGeometry } from "./conv2d_geometry.ts";
import { convolve } from "./convolution.ts";
import { heapImages } from "./framed_images.ts";
import { heapOffset, makeOutput } from "./heap.ts";
import type { LinearKernels } from "./linear_kernels.ts";

/**
 * y[n, v, u, f] = Σᵢ,ⱼ,c x[n, v·s + i, u·t + j, c] · w[i, j, c, f], x padded
 * with zeros.
 *
 * x `[n, h, w, c]`, filter `[kh, kw, c, f]` → `[n, h′, w′, f]`.
 */
export function conv2d(
  backend: tf.BackendWasm,
  kernels: LinearKernels,
  { x, filter }: Record<"x" | "filter", tf.TensorInfo>,
  { input, filter: shape, output, strides, frame }: Conv2DGeometry,
): tf.TensorInfo {
  const y = makeOutput(backend, output, "float32");
  const [, down, across, channels] = output;
  convolve(backend, kernels, {
    images: heapImages(backend, x, input),
    frame,
    window: [shape[0], shape[1]],
    strides,
    output: [down, across, channels],
    writeMatrix: (matrix) => matrix.set(backend.typedArrayFromHeap(filter)),
    result: heapOffset(backend, y),
  });
  return y;
}
