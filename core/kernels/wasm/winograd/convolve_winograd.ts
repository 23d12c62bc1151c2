import type * as tf from "../../../tf.ts";
import type { Convolution } from "../framed_images.ts";
import { heapMemory } from "../heap.ts";
import type { LinearKernels } from "../linear_kernels.ts";
import { withWorkspace } from "../workspace.ts";
import { INPUTS, OUTPUTS, TAPS } from "./matrices.ts";
import {
  bufferBytes,
  frameOfTiles,
  PLANES,
  planeSize,
  tileOutputs,
  tileReader,
  tileWriter,
} from "./tiles.ts";

/**
 * What `convolve` computes, with a quarter of the multiplications: for every tile of
 * 4×4 outputs, y = Aᵀ·[Σ_c (G·g·Gᵀ) ⊙ (Bᵀ·d·B)]·A, the sums being 36 matrix products.
 *
 * Loop order: groups of tiles, then the inputs' transforms, products, and the
 * outputs' transforms.
 *
 * Source: Lavin and Gray, "Fast algorithms for convolutional neural networks",
 * CVPR 2016, F(4×4, 3×3).
 */
export function convolveWinograd(
  backend: tf.BackendWasm,
  kernels: LinearKernels,
  { images, frame, output, result, writeMatrix }: Convolution,
): void {
  const { winograd } = kernels;
  const { channels } = images;
  const [height, width, filters] = output;
  const tiling = tileOutputs(images.count, output);
  const whole = frameOfTiles(frame, tiling);
  const taps = channels * filters;
  const packedPlane = 4 * channels * 8 * Math.ceil(filters / 8);
  const inputPlane = planeSize(tiling.most, channels);
  const productPlane = planeSize(tiling.most, filters);
  withWorkspace(backend, [
    4 * TAPS * TAPS * taps,
    4 * PLANES * taps,
    PLANES * packedPlane,
    PLANES * inputPlane,
    PLANES * productPlane,
    4 * tiling.most,
    bufferBytes(images, whole),
    4 * OUTPUTS * OUTPUTS * filters,
  ], (matrix, points, packed, inputs, products, table, buffer, scratch) => {
    const heap = heapMemory(backend).buffer;
    writeMatrix(new Float32Array(heap, matrix, TAPS * TAPS * taps));
    const rows = new Int32Array(heap, table, tiling.most);
    rows.forEach((_, tile) => rows[tile] = 4 * channels * tile);
    winograd.filter(
      matrix,
      4 * TAPS * taps,
      4 * taps,
      points,
      4 * INPUTS * taps,
      4 * taps,
      taps / 4,
    );
    for (let plane = 0; plane < PLANES; plane++) {
      const to = packed + plane * packedPlane;
      const from = points + 4 * plane * taps;
      kernels.along8(from, 4 * filters, channels, filters, to);
    }
    const read = tileReader(kernels, {
      images,
      frame: whole,
      buffer,
      transform: winograd.input,
    }, tiling);
    const write = tileWriter(kernels, winograd.output, {
      offset: result,
      height,
      width,
      scratch,
    }, tiling);
    for (const group of tiling.groups) {
      read(group, { offset: inputs, channels, size: inputPlane });
      for (let plane = 0; plane < PLANES; plane++) {
        kernels.rows(
          inputs + plane * inputPlane,
          table,
          0,
          1,
          channels,
          packed + plane * packedPlane,
          products + plane * productPlane,
          4 * filters,
          group.length * tiling.across,
          filters,
          0,
        );
      }
      write(group, { offset: products, channels: filters, size: productPlane });
    }
  });
}
