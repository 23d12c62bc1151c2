import type * as tf from "../../../tf.ts";
import type { Conv2DGeometry } from "../conv2d_geometry.ts";
import {
  fillFrame,
  frameBytes,
  heapImages,
  isBare,
  OVERREACH,
} from "../framed_images.ts";
import type { GemmKernels } from "../gemm_kernels.ts";
import {
  type HeapFunctions,
  heapFunctions,
  heapMemory,
  heapOffset,
  makeOutput,
} from "../heap.ts";
import { hasRelaxedSimd } from "../relaxed_simd.ts";
import { withWorkspace } from "../workspace.ts";
import { pooledGradientModule, vectorsOfRow } from "./pooled_gradient_wat.ts";

const texts = new Map<string, string>();

/** The function `gradients` for windows of `window` on images of `channels`. */
function gradientsFunction(
  backend: tf.BackendWasm,
  window: [number, number],
  channels: number,
): HeapFunctions[string] {
  const fused = hasRelaxedSimd();
  const key = [...window, channels, fused].join();
  const text = texts.get(key) ??
    pooledGradientModule({ window, channels, fused });
  // Kept: the text's identity is how its instance is found.
  texts.set(key, text);
  return heapFunctions(backend, "pooled_gradient", text).gradients;
}

/** A filter `[kh, kw, c, f]` and how it is packed: `[f, kh, row]`, rows filled up. */
interface FilterLayout {
  rows: number;
  run: number;
  filters: number;
  /** Numbers in a packed row. */
  packedRow: number;
}

/** Calls `visit` with the places of each weight: in the filter, and packed. */
function forEachWeight(
  { rows, run, filters, packedRow }: FilterLayout,
  visit: (plain: number, packed: number) => void,
): void {
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < run; at++) {
      for (let filter = 0; filter < filters; filter++) {
        visit(
          (row * run + at) * filters + filter,
          (filter * rows + row) * packedRow + at,
        );
      }
    }
  }
}

/** What the gradients of a convolution before pooling are computed of. */
export interface PooledConvolution {
  x: tf.TensorInfo;
  filter: tf.TensorInfo;
  /** ∂L/∂(winner of each pool) `[n, h″, w″, f]`. */
  g: tf.TensorInfo;
  /** Number of each winner in its pool, row by row. */
  winner: tf.TensorInfo;
}

/**
 * ∂L/∂W `[kh, kw, c, f]` and, if `withInput`, ∂L/∂x of a convolution whose result
 * was max-pooled by `pool`: only the windows that won, and whose gradient isn't 0,
 * are read. For 2×2 pools after relu that is an eighth of them, about.
 */
export function pooledConvGradient(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { x, filter, g, winner }: PooledConvolution,
  { input, filter: shape, strides, frame }: Conv2DGeometry,
  pool: readonly number[],
  withInput: boolean,
): tf.TensorInfo[] {
  const [kernelRows, kernelColumns, channels, filters] = shape;
  const [count, , columns] = input;
  const [, down, across] = g.shape;
  const run = kernelColumns * channels;
  const window: [number, number] = [kernelRows, kernelColumns];
  const packedRow = 4 * vectorsOfRow({ window, channels });
  const layout = { rows: kernelRows, run, filters, packedRow };
  const images = heapImages(backend, x, input);
  const size = frameBytes(images, frame);
  const inPlace = isBare(images, frame) && run === packedRow;
  const rowBytes = 4 * frame.columns * channels;
  const step = [strides[0] * rowBytes, 4 * strides[1] * channels];
  const dw = makeOutput(backend, shape, "float32");
  const dx = withInput ? makeOutput(backend, input, "float32") : undefined;
  const gradient = dx ? heapOffset(backend, dx) : 0;
  const pooledBytes = 4 * down * across * filters;
  const packedBytes = 4 * filters * kernelRows * packedRow;
  const framed = inPlace ? 0 : size + OVERREACH;
  const gradients = gradientsFunction(backend, window, channels);
  if (dx && inPlace) kernels.zero(gradient, count * size);
  withWorkspace(
    backend,
    [
      packedBytes,
      packedBytes,
      8 * (down * across + 1),
      4 * pool[0] * pool[1],
      framed,
      dx ? framed : 0,
    ],
    (sums, weights, list, table, xFrame, dxFrame) => {
      const { buffer } = heapMemory(backend);
      new Int32Array(buffer, table, pool[0] * pool[1]).forEach(
        (_, number, offsets) => {
          const [row, column] = [
            Math.floor(number / pool[1]),
            number % pool[1],
          ];
          offsets[number] = row * step[0] + column * step[1];
        },
      );
      kernels.zero(sums, packedBytes);
      kernels.zero(weights, packedBytes);
      if (!inPlace) kernels.zero(xFrame, framed);
      const packed = new Float32Array(buffer, weights, packedBytes / 4);
      const plain = backend.typedArrayFromHeap(filter);
      forEachWeight(layout, (from, to) => packed[to] = plain[from]);
      for (let image = 0; image < count; image++) {
        if (!inPlace) fillFrame(kernels, images, image, frame, xFrame);
        if (dx && !inPlace) kernels.zero(dxFrame, framed);
        const inner = image * size;
        gradients(
          inPlace ? images.offset + inner : xFrame,
          !dx ? 0 : inPlace ? gradient + inner : dxFrame,
          heapOffset(backend, g) + image * pooledBytes,
          heapOffset(backend, winner) + image * pooledBytes,
          sums,
          weights,
          list,
          table,
          filters,
          down,
          across,
          pool[0] * step[0],
          pool[1] * step[1],
          rowBytes,
        );
        if (dx && !inPlace) {
          const pixel = 4 * channels;
          kernels.place(
            dxFrame + frame.top * rowBytes + frame.left * pixel,
            gradient + image * input[1] * columns * pixel,
            input[1],
            columns,
            pixel,
            rowBytes,
            columns * pixel,
            pixel,
          );
        }
      }
      const total = new Float32Array(buffer, sums, packedBytes / 4);
      const target = backend.typedArrayFromHeap(dw);
      forEachWeight(layout, (to, from) => target[to] = total[from]);
    },
  );
  return dx ? [dw, dx] : [dw];
}
