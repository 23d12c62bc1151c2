import type * as tf from "../../../tf.ts";
import type { Conv2DGeometry } from "../conv2d_geometry.ts";
import type { GemmKernels } from "../gemm_kernels.ts";
import { makeOutput } from "../heap.ts";
import { sumFilterGradients } from "../sum_filter_gradients.ts";
import { depthwiseKernels } from "./depthwise_kernels.ts";
import { packedChannels } from "./depthwise_wat.ts";

/**
 * ∂L/∂w of a depthwise convolution: dw[i, j, c] = Σₙ,v,u x[n, v·s + i, u·t + j, c]
 * · dy[n, v, u, c], x padded with zeros.
 *
 * x `[n, h, w, c]`, dy `[n, h′, w′, c]` → `[kh, kw, c, 1]`.
 */
export function depthwiseBackpropFilter(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { x, dy }: Record<"x" | "dy", tf.TensorInfo>,
  geometry: Conv2DGeometry,
): tf.TensorInfo {
  const [rows, columns, channels] = geometry.filter;
  const [, down, across] = geometry.output;
  const dw = makeOutput(backend, [rows, columns, channels, 1], "float32");
  const { addGradient } = depthwiseKernels(backend, [rows, columns], channels);
  sumFilterGradients(backend, kernels, { x, dy, dw }, geometry, {
    rows: rows * columns,
    width: channels,
    packed: packedChannels(channels),
    overreaches: true,
    addGradient: (image, dy, sums, { rowStep, columnStep, rowBytes }) => {
      addGradient(image, dy, sums, down, across, rowStep, columnStep, rowBytes);
    },
  });
  return dw;
}
