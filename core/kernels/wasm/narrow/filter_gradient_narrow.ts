import type * as tf from "../../../tf.ts";
import type { Conv2DGeometry } from "../conv2d_geometry.ts";
import type { GemmKernels } from "../gemm_kernels.ts";
import { sumFilterGradients } from "../sum_filter_gradients.ts";
import { narrowFilterGradient } from "./narrow_kernels.ts";
import { packedFilters } from "./narrow_wat.ts";

/**
 * Writes to `dw` what `conv2dBackpropFilter` returns, where filters are few: sums
 * for some of a window's numbers stay in registers while all windows pass by.
 *
 * Loop order: images, i, (j, c) by a few, v, u.
 */
export function filterGradientNarrow(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  tensors: Record<"x" | "dy" | "dw", tf.TensorInfo>,
  geometry: Conv2DGeometry,
): void {
  const [kernelRows, kernelColumns, channels, filters] = geometry.filter;
  const [, down, across] = geometry.output;
  const run = kernelColumns * channels;
  const addGradient = narrowFilterGradient(backend, run, filters);
  sumFilterGradients(backend, kernels, tensors, geometry, {
    rows: kernelRows * run,
    width: filters,
    packed: packedFilters(filters),
    overreaches: false,
    addGradient: (image, dy, sums, { rowStep, columnStep, rowBytes }) => {
      addGradient(
        image,
        dy,
        sums,
        kernelRows,
        down,
        across,
        rowStep,
        columnStep,
        rowBytes,
      );
    },
  });
}
