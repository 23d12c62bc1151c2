import type * as tf from "../../../tf.ts";
import type { Conv2DGeometry } from "../conv2d_geometry.ts";
import { heapImages } from "../framed_images.ts";
import { heapOffset } from "../heap.ts";
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
} from "./tiles.ts";

/**
 * ∂L/∂W of a 2-D convolution by 3×3 filters, with a quarter of the
 * multiplications: dW = Gᵀ·[Σ_tiles (Bᵀ·d·B) ⊙ (A·dy·Aᵀ)]·G, the sums being 36 matrix
 * products `[c, tiles]`·`[tiles, f]`.
 *
 * It is the gradient of what `convolveWinograd` computes. Loop order: groups of
 * tiles, then the transforms of x and of dy, and products, which add up.
 */
export function filterGradientWinograd(
  backend: tf.BackendWasm,
  kernels: LinearKernels,
  { x, dy, dw }: Record<"x" | "dy" | "dw", tf.TensorInfo>,
  { input, output, frame }: Conv2DGeometry,
): void {
  const { winograd } = kernels;
  const [count, height, width, filters] = output;
  const images = heapImages(backend, x, input);
  const gradients = heapImages(backend, dy, output);
  const { channels } = images;
  const tiling = tileOutputs(count, [height, width]);
  const wholeInput = frameOfTiles(frame, tiling);
  const wholeOutput = {
    rows: tiling.down * OUTPUTS,
    columns: tiling.across * OUTPUTS,
    top: 0,
    left: 0,
    down: 1,
    across: 1,
  };
  const taps = channels * filters;
  const inputPlane = planeSize(tiling.most, channels);
  const gradientPlane = planeSize(tiling.most, filters);
  withWorkspace(backend, [
    4 * PLANES * taps,
    PLANES * inputPlane,
    PLANES * gradientPlane,
    4 * tiling.most * (filters + 7),
    bufferBytes(images, wholeInput),
    bufferBytes(gradients, wholeOutput),
  ], (sums, inputs, factors, packed, inputBuffer, gradientBuffer) => {
    kernels.zero(sums, 4 * PLANES * taps);
    const readInput = tileReader(kernels, {
      images,
      frame: wholeInput,
      buffer: inputBuffer,
      transform: winograd.input,
    }, tiling);
    const readGradient = tileReader(kernels, {
      images: gradients,
      frame: wholeOutput,
      buffer: gradientBuffer,
      transform: winograd.outputGradient,
    }, tiling);
    for (const group of tiling.groups) {
      const tiles = group.length * tiling.across;
      readInput(group, { offset: inputs, channels, size: inputPlane });
      readGradient(group, {
        offset: factors,
        channels: filters,
        size: gradientPlane,
      });
      for (let plane = 0; plane < PLANES; plane++) {
        const factor = factors + plane * gradientPlane;
        kernels.along8(factor, 4 * filters, tiles, filters, packed);
        kernels.columns(
          inputs + plane * inputPlane,
          16,
          4 * channels,
          0,
          1,
          tiles,
          packed,
          sums + 4 * plane * taps,
          4 * filters,
          channels,
          filters,
          1,
        );
      }
    }
    winograd.filterGradient(
      sums,
      4 * INPUTS * taps,
      4 * taps,
      heapOffset(backend, dw),
      4 * TAPS * taps,
      4 * taps,
      taps / 4,
    );
  });
}
