import type * as tf from "../../tf.ts";
import { makeOutput } from "./heap.ts";
import type { Conv2DGeometry } from "./conv2d_geometry.ts";
import { filterGradientDirectly } from "./filter_gradient_directly.ts";
import type { LinearKernels } from "./linear_kernels.ts";
import { filterGradientNarrow } from "./narrow/filter_gradient_narrow.ts";
import { isNarrow } from "./narrow/narrow_kernels.ts";
import { filterGradientWinograd } from "./winograd/filter_gradient_winograd.ts";
import { suitsWinograd } from "./winograd/suits_winograd.ts";

/**
 * ∂L/∂W of a 2-D convolution: dW[i, j, c, f] = Σₙ,v,u x[n, v·s + i, u·t + j, c]
 * · dy[n, v, u, f], x padded with zeros.
 *
 * x `[n, h, w, c]`, dy `[n, h′, w′, f]` → `[kh, kw, c, f]`; by Winograd's way
 * where that pays, in registers where filters are few, else as a matrix product.
 */
export function conv2dBackpropFilter(
  backend: tf.BackendWasm,
  kernels: LinearKernels,
  { x, dy }: Record<"x" | "dy", tf.TensorInfo>,
  geometry: Conv2DGeometry,
): tf.TensorInfo {
  const { filter, output, strides } = geometry;
  const dw = makeOutput(backend, filter, "float32");
  const [rows, columns, channels, filters] = filter;
  const wide = suitsWinograd({
    window: [rows, columns],
    strides,
    output: output.slice(1),
    channels,
  });
  const compute = wide
    ? filterGradientWinograd
    : isNarrow({ rows, run: columns * channels, filters })
    ? filterGradientNarrow
    : filterGradientDirectly;
  compute(backend, kernels, { x, dy, dw }, geometry);
  return dw;
}
