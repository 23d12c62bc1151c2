import type * as tf from "../../tf.ts";
import { type Conv2DGeometry, gradientFrame } from "./conv2d_geometry.ts";
import { convolve } from "./convolution.ts";
import { heapImages } from "./framed_images.ts";
import { heapOffset, makeOutput } from "./heap.ts";
import type { LinearKernels } from "./linear_kernels.ts";

/**
 * ∂L/∂x of a 2-D convolution: the output gradient, its pixels as far apart as
 * the windows, convolved with the filter flipped in both directions and with
 * its channels exchanged.
 *
 * dy `[n, h′, w′, f]`, filter `[kh, kw, c, f]` → `[n, h, w, c]`.
 *
 * Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep
 * learning", 2016, section 4.
 */
export function conv2dBackpropInput(
  backend: tf.BackendWasm,
  kernels: LinearKernels,
  { dy, filter }: Record<"dy" | "filter", tf.TensorInfo>,
  geometry: Conv2DGeometry,
): tf.TensorInfo {
  const { input, filter: shape, output } = geometry;
  const dx = makeOutput(backend, input, "float32");
  const [kernelRows, kernelColumns, channels, filters] = shape;
  const [, height, width] = input;
  convolve(backend, kernels, {
    images: heapImages(backend, dy, output),
    frame: gradientFrame(geometry),
    window: [kernelRows, kernelColumns],
    strides: [1, 1],
    output: [height, width, channels],
    writeMatrix: (matrix) => {
      const weights = backend.typedArrayFromHeap(filter);
      const windows = kernelRows * kernelColumns;
      let next = 0;
      for (let window = windows - 1; window >= 0; window--) {
        for (let f = 0; f < filters; f++) {
          for (let c = 0; c < channels; c++) {
            matrix[next++] = weights[(window * channels + c) * filters + f];
          }
        }
      }
    },
    result: heapOffset(backend, dx),
  });
  return dx;
}
