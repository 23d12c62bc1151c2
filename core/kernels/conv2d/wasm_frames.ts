import * as tf from "../../tf.ts";
import type { GemmKernels } from "../wasm/gemm/gemm.ts";
import { heapMemory, heapOffset, withWorkspace } from "../wasm/heap.ts";

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

/** Where the windows of an undilated 2-D convolution lie on its input, channels last. */
export interface Conv2DGeometry {
  /** `[n, h, w, c]` of the input. */
  input: Shape4;
  /** `[kh, kw, c, f]` of the filter. */
  filter: Shape4;
  /** `[n, h′, w′, f]` of the output. */
  output: Shape4;
  /** Distance between neighbouring windows, down and across. */
  strides: [number, number];
  /** The padded input, which holds every window. */
  frame: Frame;
}

/** Four extents. */
export type Shape4 = [number, number, number, number];

/** The attributes that tfjs passes to a convolution and to both of its gradients. */
export type Conv2DAttributes = Pick<
  tf.Conv2DBackpropFilterAttrs,
  "strides" | "pad" | "dataFormat" | "dimRoundingMode"
>;

/** The first four extents of a shape that has as many. */
export function shape4([a, b, c, d]: readonly number[]): Shape4 {
  return [a, b, c, d];
}

/**
 * The geometry of the convolution of `input` by `filter` under `attributes`.
 *
 * Throws a `RangeError` where channels don't come last.
 */
export function conv2dGeometry(
  input: Shape4,
  filter: Shape4,
  { strides, pad, dataFormat, dimRoundingMode }: Conv2DAttributes,
): Conv2DGeometry {
  if (dataFormat !== "NHWC") {
    throw new RangeError(
      `Cannot convolve on Wasm: the data format must be NHWC: current value is ${dataFormat}`,
    );
  }
  const { strideHeight, strideWidth, padInfo, outShape } = tf.backend_util
    .computeConv2DInfo(input, filter, strides, 1, pad, dimRoundingMode);
  const { top, bottom, left, right } = padInfo;
  const [, height, width] = input;
  const [, down, across] = outShape;
  return {
    input,
    filter,
    output: shape4(outShape),
    strides: [strideHeight, strideWidth],
    frame: {
      rows: Math.max(
        top + height + bottom,
        (down - 1) * strideHeight + filter[0],
      ),
      columns: Math.max(
        left + width + right,
        (across - 1) * strideWidth + filter[1],
      ),
      top,
      left,
      down: 1,
      across: 1,
    },
  };
}

/**
 * Where the output gradient's pixels lie for the convolution that gives the
 * gradient by the input: as far apart as the windows, in a frame that reaches as
 * far as a window beyond the input.
 */
export function gradientFrame(
  { input, filter, strides, frame }: Conv2DGeometry,
): Frame {
  return {
    rows: input[1] + filter[0] - 1,
    columns: input[2] + filter[1] - 1,
    top: filter[0] - 1 - frame.top,
    left: filter[1] - 1 - frame.left,
    down: strides[0],
    across: strides[1],
  };
}

/** What {@linkcode sumFilterGradients} is told of its kernel. */
interface FilterSums {
  /** Rows of sums, and numbers in each: filled up to `packed` of them, whole vectors. */
  rows: number;
  width: number;
  packed: number;
  /** Whether x is read by whole vectors, as dy is, and so beyond its end. */
  overreaches: boolean;
  /**
   * Adds one image's share to `sums`: the framed image and its output gradient at these
   * bytes, windows `rowStep` and `columnStep` bytes apart, `rowBytes` a row of the frame.
   */
  addGradient: (
    image: number,
    dy: number,
    sums: number,
    steps: { rowStep: number; columnStep: number; rowBytes: number },
  ) => void;
}

/**
 * Writes to `dw` the filter gradient of a convolution, summed image by image by
 * `addGradient`: x in its frame, where it has one, and dy `[n, h′, w′, width]`, copied where
 * its last vector would reach beyond its end.
 */
export function sumFilterGradients(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { x, dy, dw }: Record<"x" | "dy" | "dw", tf.TensorInfo>,
  { input, output, strides, frame }: Conv2DGeometry,
  { rows, width, packed, overreaches, addGradient }: FilterSums,
): void {
  const images = heapImages(backend, x, input);
  const even = packed === width;
  const inPlace = isBare(images, frame) && (even || !overreaches);
  const size = frameBytes(images, frame);
  const framedBytes = inPlace ? 0 : size + OVERREACH;
  const gradientSize = 4 * output[1] * output[2] * width;
  const copyBytes = even ? 0 : gradientSize + OVERREACH;
  const sumBytes = 4 * rows * packed;
  const gradients = heapOffset(backend, dy);
  const pixel = 4 * images.channels;
  const rowBytes = frame.columns * pixel;
  const steps = {
    rowStep: strides[0] * rowBytes,
    columnStep: strides[1] * pixel,
    rowBytes,
  };
  withWorkspace(
    backend,
    [sumBytes, framedBytes, copyBytes],
    (sums, framed, copy) => {
      kernels.zero(sums, sumBytes);
      if (!inPlace) kernels.zero(framed, framedBytes);
      if (!even) kernels.zero(copy, copyBytes);
      for (let image = 0; image < images.count; image++) {
        if (!inPlace) fillFrame(kernels, images, image, frame, framed);
        const from = gradients + image * gradientSize;
        if (!even) kernels.place(from, copy, 1, 1, gradientSize, 0, 0, 0);
        const at = inPlace ? images.offset + image * size : framed;
        addGradient(at, even ? from : copy, sums, steps);
      }
      const { buffer } = heapMemory(backend);
      const total = new Float32Array(buffer, sums, rows * packed);
      const target = backend.typedArrayFromHeap(dw);
      for (let row = 0; row < rows; row++) {
        const from = row * packed;
        target.set(total.subarray(from, from + width), row * width);
      }
    },
  );
}
