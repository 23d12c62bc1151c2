import type * as tf from "../../tf.ts";
import type { Conv2DGeometry } from "./conv2d_geometry.ts";
import {
  fillFrame,
  frameBytes,
  heapImages,
  isBare,
  OVERREACH,
} from "./framed_images.ts";
import type { GemmKernels } from "./gemm_kernels.ts";
import { heapOffset } from "./heap.ts";
import { withWorkspace } from "./workspace.ts";

/** Windows at once, about: their part of x stays in the first-level cache. */
const WINDOWS = 128;

/**
 * Writes to `dw` what `conv2dBackpropFilter` returns: a matrix product whose left
 * operand, transposed, is read out of the images, neighbours (j, c) at a time.
 *
 * Loop order: images, bands of rows of windows, i, f by 8, (j, c) by 4, v, u.
 */
export function filterGradientDirectly(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { x, dy, dw }: Record<"x" | "dy" | "dw", tf.TensorInfo>,
  { input, filter, output, strides, frame }: Conv2DGeometry,
): void {
  const images = heapImages(backend, x, input);
  const [kernelRows, kernelColumns, channels, filters] = filter;
  const [, down, across] = output;
  const run = kernelColumns * channels;
  const band = Math.max(1, Math.min(down, Math.floor(WINDOWS / across)));
  const inPlace = isBare(images, frame) && run % 4 === 0;
  const size = frameBytes(images, frame);
  const rowBytes = 4 * frame.columns * channels;
  const step = 4 * strides[1] * channels;
  const result = heapOffset(backend, dw);
  const resultRow = 4 * run * filters;
  const dyRow = 4 * across * filters;
  kernels.zero(result, kernelRows * resultRow);
  withWorkspace(
    backend,
    [4 * band * across * (filters + 7), inPlace ? 0 : size + OVERREACH],
    (packed, padded) => {
      if (!inPlace) kernels.zero(padded, size + OVERREACH);
      for (let image = 0; image < images.count; image++) {
        if (!inPlace) fillFrame(kernels, images, image, frame, padded);
        const from = inPlace ? images.offset + image * size : padded;
        for (let row = 0; row < down; row += band) {
          const rows = Math.min(band, down - row);
          const gradient = heapOffset(backend, dy) +
            (image * down + row) * dyRow;
          const windows = rows * across;
          kernels.along8(gradient, 4 * filters, windows, filters, packed);
          for (let i = 0; i < kernelRows; i++) {
            kernels.columns(
              from + (row * strides[0] + i) * rowBytes,
              16,
              step,
              strides[0] * rowBytes - across * step,
              rows,
              across,
              packed,
              result + i * resultRow,
              4 * filters,
              run,
              filters,
              1,
            );
          }
        }
      }
    },
  );
}
