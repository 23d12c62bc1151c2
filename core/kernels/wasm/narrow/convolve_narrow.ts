import type * as tf from "../../../tf.ts";
import { writeWindowTable } from "../convolve_directly.ts";
import {
  type Convolution,
  fillFrame,
  frameBytes,
  isBare,
} from "../framed_images.ts";
import type { GemmKernels } from "../gemm_kernels.ts";
import { heapMemory } from "../heap.ts";
import { withWorkspace } from "../workspace.ts";
import { narrowConvolution } from "./narrow_kernels.ts";
import { packedFilters } from "./narrow_wat.ts";

/** Windows at once, about: enough to fill the registers, few enough for the cache. */
const WINDOWS = 512;

/**
 * What `convolve` computes, where so few numbers are made of each window that a
 * vector of filters and several windows fit into registers: nothing is packed but
 * the filter.
 *
 * Loop order: groups of images, windows by a few, then along the window.
 */
export function convolveNarrow(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  convolution: Convolution,
): void {
  const { images, frame, window, output, result, writeMatrix } = convolution;
  const [down, across, filters] = output;
  const run = window[1] * images.channels;
  const depth = window[0] * run;
  const windows = down * across;
  const group = Math.min(
    images.count,
    Math.ceil(WINDOWS / Math.max(1, windows)),
  );
  const packed = packedFilters(filters);
  const inPlace = isBare(images, frame);
  const size = frameBytes(images, frame);
  const framed = inPlace ? 0 : group * size;
  const convolve = narrowConvolution(backend, run, filters);
  withWorkspace(
    backend,
    [4 * depth * packed, 4 * group * windows, framed],
    (matrix, table, frames) => {
      const { buffer } = heapMemory(backend);
      const plain = new Float32Array(depth * filters);
      writeMatrix(plain);
      const padded = new Float32Array(buffer, matrix, depth * packed).fill(0);
      for (let k = 0; k < depth; k++) {
        const row = plain.subarray(k * filters, (k + 1) * filters);
        padded.set(row, k * packed);
      }
      writeWindowTable(
        new Int32Array(buffer, table, group * windows),
        convolution,
      );
      if (!inPlace) kernels.zero(frames, framed);
      for (let first = 0; first < images.count; first += group) {
        const count = Math.min(group, images.count - first);
        for (let index = 0; !inPlace && index < count; index++) {
          const to = frames + index * size;
          fillFrame(kernels, images, first + index, frame, to);
        }
        convolve(
          inPlace ? images.offset + first * size : frames,
          table,
          matrix,
          result + 4 * first * windows * filters,
          count * windows,
          window[0],
          4 * frame.columns * images.channels,
        );
      }
    },
  );
}
