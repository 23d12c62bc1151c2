import type * as tf from "../../tf.ts";
import { convolveDirectly } from "./convolve_directly.ts";
import type { Convolution } from "./framed_images.ts";
import type { LinearKernels } from "./linear_kernels.ts";
import { convolveNarrow } from "./narrow/convolve_narrow.ts";
import { isNarrow } from "./narrow/narrow_kernels.ts";
import { convolveWinograd } from "./winograd/convolve_winograd.ts";
import { suitsWinograd } from "./winograd/suits_winograd.ts";

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
