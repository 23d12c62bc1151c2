import type * as tf from "../../tf.ts";
import type { GemmKernels } from "../wasm/gemm/gemm.ts";
import { heapOffset, makeOutput } from "../wasm/heap.ts";
import { assertAttributes, type Replacement } from "../wasm/replace_kernel.ts";
import { convolveDirectly, filterGradientDirectly } from "./wasm_direct.ts";
import {
  type Conv2DGeometry,
  conv2dGeometry,
  type Convolution,
  gradientFrame,
  heapImages,
  shape4,
} from "./wasm_frames.ts";
import {
  convolveNarrow,
  filterGradientNarrow,
  isNarrow,
} from "./wasm_narrow.ts";
import {
  convolveWinograd,
  filterGradientWinograd,
  suitsWinograd,
} from "./wasm_winograd.ts";

/**
 * y[n, v, u, f] = Σᵢ,ⱼ,c frame[n, v·s + i, u·t + j, c] · matrix[(i, j, c), f], by Winograd's
 * way where that pays, in registers where filters are few, else as a matrix
 * product.
 */
function convolve(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  convolution: Convolution,
): void {
  const { window, strides, output, images: { channels } } = convolution;
  const [rows, columns] = window;
  const shape = { rows, run: columns * channels, filters: output[2] };
  const compute = suitsWinograd({ window, strides, output, channels })
    ? convolveWinograd
    : isNarrow(shape)
    ? convolveNarrow
    : convolveDirectly;
  compute(backend, kernels, convolution);
}

/**
 * y[n, v, u, f] = Σᵢ,ⱼ,c x[n, v·s + i, u·t + j, c] · w[i, j, c, f], x padded
 * with zeros.
 *
 * x `[n, h, w, c]`, filter `[kh, kw, c, f]` → `[n, h′, w′, f]`.
 */
export function conv2d(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { x, filter }: Record<"x" | "filter", tf.TensorInfo>,
  { input, filter: shape, output, strides, frame }: Conv2DGeometry,
): tf.TensorInfo {
  const y = makeOutput(backend, output, "float32");
  const [, down, across, channels] = output;
  convolve(backend, kernels, {
    images: heapImages(backend, x, input),
    frame,
    window: [shape[0], shape[1]],
    strides,
    output: [down, across, channels],
    writeMatrix: (matrix) => matrix.set(backend.typedArrayFromHeap(filter)),
    result: heapOffset(backend, y),
  });
  return y;
}

/**
 * ∂L/∂x of a 2-D convolution: the output gradient, its pixels as far apart as
 * the windows, convolved with the filter flipped in both directions and with
 * its channels exchanged.
 *
 * dy `[n, h′, w′, f]`, filter `[kh, kw, c, f]` → `[n, h, w, c]`.
 *
 * Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep
 * learning", 2016, section 4.
 */
export function conv2dBackpropInput(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { dy, filter }: Record<"dy" | "filter", tf.TensorInfo>,
  geometry: Conv2DGeometry,
): tf.TensorInfo {
  const { input, filter: shape, output } = geometry;
  const dx = makeOutput(backend, input, "float32");
  const [kernelRows, kernelColumns, channels, filters] = shape;
  const [, height, width] = input;
  convolve(backend, kernels, {
    images: heapImages(backend, dy, output),
    frame: gradientFrame(geometry),
    window: [kernelRows, kernelColumns],
    strides: [1, 1],
    output: [height, width, channels],
    writeMatrix: (matrix) => {
      const weights = backend.typedArrayFromHeap(filter);
      const windows = kernelRows * kernelColumns;
      let next = 0;
      for (let window = windows - 1; window >= 0; window--) {
        for (let f = 0; f < filters; f++) {
          for (let c = 0; c < channels; c++) {
            matrix[next++] = weights[(window * channels + c) * filters + f];
          }
        }
      }
    },
    result: heapOffset(backend, dx),
  });
  return dx;
}

/**
 * ∂L/∂W of a 2-D convolution: dW[i, j, c, f] = Σₙ,v,u x[n, v·s + i, u·t + j, c]
 * · dy[n, v, u, f], x padded with zeros.
 *
 * x `[n, h, w, c]`, dy `[n, h′, w′, f]` → `[kh, kw, c, f]`; by Winograd's way
 * where that pays, in registers where filters are few, else as a matrix product.
 */
export function conv2dBackpropFilter(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
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

/**
 * Whether a convolution's windows have holes, or its channels don't come last.
 */
function isUnusualConvolution(attributes: unknown): boolean {
  assertAttributes<tf.Conv2DAttrs>(attributes, "dilations", "dataFormat");
  const { dilations, dataFormat } = attributes;
  return dataFormat !== "NHWC" ||
    [dilations].flat().some((dilation) => dilation !== 1);
}

/** Kernel `Conv2D`. */
export const conv2dReplacement: Replacement = {
  compute: (backend, kernels, { x, filter }, attributes) => {
    assertAttributes<tf.Conv2DAttrs>(attributes, "strides", "pad");
    const geometry = conv2dGeometry(
      shape4(x.shape),
      shape4(filter.shape),
      attributes,
    );
    return conv2d(backend, kernels, { x, filter }, geometry);
  },
  keepsStock: isUnusualConvolution,
};

/** Kernel `Conv2DBackpropInput`. */
export const conv2dBackpropInputReplacement: Replacement = {
  compute: (backend, kernels, { dy, filter }, attributes) => {
    assertAttributes<tf.Conv2DBackpropInputAttrs>(attributes, "inputShape");
    const geometry = conv2dGeometry(
      attributes.inputShape,
      shape4(filter.shape),
      attributes,
    );
    return conv2dBackpropInput(backend, kernels, { dy, filter }, geometry);
  },
};

/** Kernel `Conv2DBackpropFilter`, which tfjs's backend lacks. */
export const conv2dBackpropFilterReplacement: Replacement = {
  compute: (backend, kernels, { x, dy }, attributes) => {
    assertAttributes<tf.Conv2DBackpropFilterAttrs>(attributes, "filterShape");
    const geometry = conv2dGeometry(
      shape4(x.shape),
      attributes.filterShape,
      attributes,
    );
    return conv2dBackpropFilter(backend, kernels, { x, dy }, geometry);
  },
};
