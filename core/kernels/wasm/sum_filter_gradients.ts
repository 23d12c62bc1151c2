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
import { heapMemory, heapOffset } from "./heap.ts";
import { withWorkspace } from "./workspace.ts";

/** What {@linkcode sumFilterGradients} is told of its kernel. */
export interface FilterSums {
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
