import type * as tf from "../../../tf.ts";
import {
  fillFrame,
  type Frame,
  frameBytes,
  type HeapImages,
  isBare,
  OVERREACH,
} from "../framed_images.ts";
import type { GemmKernels } from "../gemm_kernels.ts";
import { heapMemory } from "../heap.ts";
import { withWorkspace } from "../workspace.ts";
import { depthwiseKernels } from "./depthwise_kernels.ts";
import { packedChannels } from "./depthwise_wat.ts";

/** Windows of framed images, channel by channel. */
export interface Correlation {
  images: HeapImages;
  frame: Frame;
  /** Rows and columns of a window. */
  window: [number, number];
  /** Distance between neighbouring windows, down and across. */
  strides: [number, number];
  /** Windows of an image, down and across. */
  output: [number, number];
  /** The filter `[kh, kw, c]`. */
  filter: Float32Array;
  /** Offset of the result `[count, …output, c]`. */
  result: number;
}

/** y[n, v, u, c] = Σᵢ,ⱼ frame[n, v·s + i, u·t + j, c] · filter[i, j, c]. */
export function correlate(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { images, frame, window, strides, output, filter, result }: Correlation,
): void {
  const { channels, count } = images;
  const packed = packedChannels(channels);
  const taps = window[0] * window[1];
  const [down, across] = output;
  const size = frameBytes(images, frame);
  const inPlace = isBare(images, frame) && packed === channels;
  const rowBytes = 4 * frame.columns * channels;
  const { correlate } = depthwiseKernels(backend, window, channels);
  withWorkspace(
    backend,
    [4 * taps * packed, inPlace ? 0 : size + OVERREACH],
    (weights, framed) => {
      const { buffer } = heapMemory(backend);
      const target = new Float32Array(buffer, weights, taps * packed).fill(0);
      for (let tap = 0; tap < taps; tap++) {
        const from = tap * channels;
        target.set(filter.subarray(from, from + channels), tap * packed);
      }
      if (!inPlace) kernels.zero(framed, size + OVERREACH);
      for (let image = 0; image < count; image++) {
        if (!inPlace) fillFrame(kernels, images, image, frame, framed);
        correlate(
          inPlace ? images.offset + image * size : framed,
          weights,
          result + 4 * image * down * across * channels,
          down,
          across,
          strides[0] * rowBytes,
          4 * strides[1] * channels,
          rowBytes,
        );
      }
    },
  );
}
