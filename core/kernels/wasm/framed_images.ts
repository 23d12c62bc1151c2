import type * as tf from "../../tf.ts";
import type { GemmKernels } from "./gemm_kernels.ts";
import { heapOffset } from "./heap.ts";

/** Images `[count, rows, columns, channels]` on the heap, at `offset` bytes. */
export interface HeapImages {
  offset: number;
  count: number;
  rows: number;
  columns: number;
  channels: number;
}

/** `tensor`, of `shape` `[n, h, w, c]`, as images. */
export function heapImages(
  backend: tf.BackendWasm,
  tensor: tf.TensorInfo,
  [count, rows, columns, channels]: [number, number, number, number],
): HeapImages {
  const offset = heapOffset(backend, tensor);
  return { offset, count, rows, columns, channels };
}

/**
 * A larger image, zero but where an image's pixels are put: pixel (y, x) at
 * (top + y·down, left + x·across), unless that is outside. `top` and `left` may
 * be negative.
 */
export interface Frame {
  rows: number;
  columns: number;
  top: number;
  left: number;
  down: number;
  across: number;
}

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

/** Whether an image in `frame` is the image itself. */
export function isBare(images: HeapImages, frame: Frame): boolean {
  return frame.rows === images.rows && frame.columns === images.columns &&
    frame.top === 0 && frame.left === 0 && frame.down === 1 &&
    frame.across === 1;
}

/** Bytes that a vector, or a tile, may read past the last number of an image. */
export const OVERREACH = 16;

/** Bytes of a framed image. */
export function frameBytes({ channels }: HeapImages, frame: Frame): number {
  return 4 * frame.rows * frame.columns * channels;
}

/** The indices i, first and how many, for which 0 ≤ start + i·step < end. */
function inside(
  start: number,
  step: number,
  end: number,
  count: number,
): [number, number] {
  const first = Math.max(0, Math.ceil(-start / step));
  const last = Math.min(count, Math.ceil((end - start) / step));
  return [first, Math.max(0, last - first)];
}

/**
 * Puts image `index` into the frame at `to`, which must be zero wherever no pixel
 * goes: so a frame can be filled again and again.
 */
export function fillFrame(
  kernels: GemmKernels,
  images: HeapImages,
  index: number,
  frame: Frame,
  to: number,
): void {
  const { rows, columns, channels } = images;
  const size = 4 * channels;
  const { top, left, down, across } = frame;
  const [row, height] = inside(top, down, frame.rows, rows);
  const [column, width] = inside(left, across, frame.columns, columns);
  const pixel = (index * rows + row) * columns + column;
  const target = (top + row * down) * frame.columns + left + column * across;
  kernels.place(
    images.offset + pixel * size,
    to + target * size,
    height,
    width,
    size,
    columns * size,
    down * frame.columns * size,
    across * size,
  );
}
