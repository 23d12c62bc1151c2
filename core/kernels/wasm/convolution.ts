import type * as tf from "../../tf.ts";
import { convolveDirectly } from "./convolve_directly.ts";
import type { Frame, HeapImages } from "./framed_images.ts";
import type { LinearKernels } from "./linear_kernels.ts";
import { convolveNarrow } from "./narrow/convolve_narrow.ts";
import { isNarrow } from "./narrow/narrow_kernels.ts";
import { convolveWinograd } from "./winograd/convolve_winograd.ts";
import { suitsWinograd } from "./winograd/suits_winograd.ts";

/** Windows of framed images, and what they are multiplied by. */
export interface Convolution {
  images: HeapImages;
  frame: Frame;
  /** Rows and columns of a window. */
  window: [number, number];
  /** Distance between neighbouring windows, down and across. */
  strides: [number, number];
  /** Windows of an image, down and across, and numbers made of each. */
  output: [number, number, number];
  /** Writes the matrix `[window·channels, output]` to the array. */
  writeMatrix: (matrix: Float32Array) => void;
  /** Offset of the result `[count, …output]`. */
  result: number;
}

/**
 * y[n, v, u, f] = Σᵢ,ⱼ,c frame[n, v·s + i, u·t + j, c] · matrix[(i, j, c), f], by Winograd's
 * way where that pays, in registers where filters are few, else as a matrix
 * product.
 */
export function convolve(
  backend: tf.BackendWasm,
  kernels: LinearKernels,
  convolution: Convolution,
): void {
  const { window, strides, output, images: { channels } } = convolution;
  const [rows, columns] = window;
  const shape = { rows, run: columns * channels, filters: output[2] };
  const compute = suitsWinograd({ window, strides, output, channels })
    ? convolveWinograd
    : isNarrow(shape)
    ? convolveNarrow
    : convolveDirectly;
  compute(backend, kernels, convolution);
}
