import type * as tf from "../../../tf.ts";
import type { Conv2DGeometry } from "../conv2d_geometry.ts";
import { fillFrame, frameBytes, heapImages, isBare } from "../framed_images.ts";
import type { GemmKernels } from "../gemm_kernels.ts";
import { heapMemory, heapOffset } from "../heap.ts";
import { withWorkspace } from "../workspace.ts";
import { narrowFilterGradient } from "./narrow_kernels.ts";
import { packedFilters } from "./narrow_wat.ts";

/** Bytes that the last vector of filters may reach beyond a gradient. */
const OVERREACH = 16;

/**
 * Writes to `dw` what `conv2dBackpropFilter` returns, where filters are few: sums
 * for some of a window's numbers stay in registers while all windows pass by.
 *
 * Loop order: images, i, (j, c) by a few, v, u.
 */
export function filterGradientNarrow(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { x, dy, dw }: Record<"x" | "dy" | "dw", tf.TensorInfo>,
  { input, filter, output, strides, frame }: Conv2DGeometry,
): void {
  const [kernelRows, kernelColumns, channels, filters] = filter;
  const [, down, across] = output;
  const images = heapImages(backend, x, input);
  const run = kernelColumns * channels;
  const packed = packedFilters(filters);
  const depth = kernelRows * run;
  const inPlace = isBare(images, frame);
  const even = packed === filters;
  const size = frameBytes(images, frame);
  const gradientSize = 4 * down * across * filters;
  const gradients = heapOffset(backend, dy);
  const rowBytes = 4 * frame.columns * channels;
  const addGradient = narrowFilterGradient(backend, run, filters);
  withWorkspace(
    backend,
    [
      4 * depth * packed,
      inPlace ? 0 : size,
      // A gradient's copy: its last vector reaches beyond its end.
      even ? 0 : gradientSize + OVERREACH,
    ],
    (sums, framed, copy) => {
      kernels.zero(sums, 4 * depth * packed);
      if (!inPlace) kernels.zero(framed, size);
      if (!even) kernels.zero(copy, gradientSize + OVERREACH);
      for (let image = 0; image < images.count; image++) {
        if (!inPlace) fillFrame(kernels, images, image, frame, framed);
        const from = gradients + image * gradientSize;
        if (!even) kernels.place(from, copy, 1, 1, gradientSize, 0, 0, 0);
        addGradient(
          inPlace ? images.offset + image * size : framed,
          even ? from : copy,
          sums,
          kernelRows,
          down,
          across,
          strides[0] * rowBytes,
          4 * strides[1] * channels,
          rowBytes,
        );
      }
      const { buffer } = heapMemory(backend);
      const total = new Float32Array(buffer, sums, depth * packed);
      const target = backend.typedArrayFromHeap(dw);
      for (let k = 0; k < depth; k++) {
        const row = total.subarray(k * packed, k * packed + filters);
        target.set(row, k * filters);
      }
    },
  );
}
