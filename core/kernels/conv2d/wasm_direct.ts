import type * as tf from "../../tf.ts";
import type { GemmKernels } from "../wasm/gemm/gemm.ts";
import { heapMemory, heapOffset, withWorkspace } from "../wasm/heap.ts";
import {
  type Conv2DGeometry,
  type Convolution,
  fillFrame,
  frameBytes,
  heapImages,
  isBare,
  OVERREACH,
} from "./wasm_frames.ts";

/** Windows at once, about: enough to use a packed sliver well, few enough for L2. */
const WINDOWS = 512;

/** Numbers of a window at once: more would push a sliver of the filter out of L1. */
const DEPTH = 640;

/**
 * What `convolve` computes, as a matrix product whose left operand is read out of
 * the images, a row of a window being one run of numbers.
 *
 * Loop order: groups of images, rows of the window if it is deep, columns of the
 * matrix by 8, windows by 4, then along the window.
 *
 * Source: Dukhan, "The indirect convolution algorithm", 2019 (arXiv 1907.02129):
 * a table of pointers to the windows takes the place of an image-to-column copy.
 */
export function convolveDirectly(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  convolution: Convolution,
): void {
  const { images, frame, window, output, result, writeMatrix } = convolution;
  const [kernelRows, kernelColumns] = window;
  const [down, across, width] = output;
  const run = kernelColumns * images.channels;
  const depth = kernelRows * run;
  const group = Math.min(
    images.count,
    Math.ceil(WINDOWS / Math.max(1, down * across)),
  );
  const bare = isBare(images, frame);
  const size = frameBytes(images, frame);
  withWorkspace(
    backend,
    [
      4 * depth * width,
      4 * depth * (width + 7),
      4 * group * down * across,
      bare ? 0 : group * size,
    ],
    (matrix, packed, table, frames) => {
      const { buffer } = heapMemory(backend);
      writeMatrix(new Float32Array(buffer, matrix, depth * width));
      writeWindowTable(
        new Int32Array(buffer, table, group * down * across),
        convolution,
      );
      // Whole rows of the window, each block packed by itself.
      const rowsAtOnce = Math.max(1, Math.floor(DEPTH / run));
      const blocks = [];
      let at = packed;
      for (let row = 0; row < kernelRows; row += rowsAtOnce) {
        const rows = Math.min(rowsAtOnce, kernelRows - row);
        const from = matrix + 4 * row * run * width;
        kernels.along8(from, 4 * width, rows * run, width, at);
        blocks.push({ row, rows, packed: at });
        at += 4 * rows * run * 8 * Math.ceil(width / 8);
      }
      if (!bare) kernels.zero(frames, group * size);
      for (let first = 0; first < images.count; first += group) {
        const count = Math.min(group, images.count - first);
        for (let index = 0; !bare && index < count; index++) {
          const to = frames + index * size;
          fillFrame(kernels, images, first + index, frame, to);
        }
        const from = bare ? images.offset + first * size : frames;
        const rowBytes = 4 * frame.columns * images.channels;
        const windows = down * across;
        for (const { row, rows, packed } of blocks) {
          kernels.rows(
            from + row * rowBytes,
            table,
            rowBytes - 4 * run,
            rows,
            run,
            packed,
            result + 4 * first * windows * width,
            4 * width,
            count * windows,
            width,
            Number(row > 0),
          );
        }
      }
    },
  );
}

/** Writes the offset of every window of a group of frames, in bytes. */
export function writeWindowTable(
  table: Int32Array,
  { images, frame, strides, output }: Convolution,
): void {
  const [down, across] = output;
  const pixel = 4 * images.channels;
  let entry = 0;
  for (let image = 0; entry < table.length; image++) {
    for (let y = 0; y < down; y++) {
      const row = image * frame.rows + y * strides[0];
      for (let x = 0; x < across; x++) {
        table[entry++] = (row * frame.columns + x * strides[1]) * pixel;
      }
    }
  }
}

/** Windows at once, about: their part of x stays in the first-level cache. */
const GRADIENT_WINDOWS = 128;

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
  const band = Math.max(
    1,
    Math.min(down, Math.floor(GRADIENT_WINDOWS / across)),
  );
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
