import type * as tf from "../../../tf.ts";
import type { Conv2DGeometry } from "../conv2d_geometry.ts";
import { fillFrame, frameBytes, heapImages, isBare } from "../framed_images.ts";
import type { GemmKernels } from "../gemm_kernels.ts";
import { heapMemory, heapOffset, makeOutput } from "../heap.ts";
import { withWorkspace } from "../workspace.ts";
import { OVERREACH } from "./correlate.ts";
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
  { input, filter, output, strides, frame }: Conv2DGeometry,
): tf.TensorInfo {
  const [rows, columns, channels] = filter;
  const dw = makeOutput(backend, [rows, columns, channels, 1], "float32");
  const images = heapImages(backend, x, input);
  const packed = packedChannels(channels);
  const taps = rows * columns;
  const [, down, across] = output;
  const size = frameBytes(images, frame);
  const gradientSize = 4 * down * across * channels;
  const even = packed === channels;
  const inPlace = isBare(images, frame) && even;
  const rowBytes = 4 * frame.columns * channels;
  const gradients = heapOffset(backend, dy);
  const { addGradient } = depthwiseKernels(backend, [rows, columns], channels);
  withWorkspace(
    backend,
    [
      4 * taps * packed,
      inPlace ? 0 : size + OVERREACH,
      // A gradient's copy: its last vector reaches beyond its end.
      even ? 0 : gradientSize + OVERREACH,
    ],
    (sums, framed, copy) => {
      kernels.zero(sums, 4 * taps * packed);
      if (!inPlace) kernels.zero(framed, size + OVERREACH);
      if (!even) kernels.zero(copy, gradientSize + OVERREACH);
      for (let image = 0; image < images.count; image++) {
        if (!inPlace) fillFrame(kernels, images, image, frame, framed);
        const from = gradients + image * gradientSize;
        if (!even) kernels.place(from, copy, 1, 1, gradientSize, 0, 0, 0);
        addGradient(
          inPlace ? images.offset + image * size : framed,
          even ? from : copy,
          sums,
          down,
          across,
          strides[0] * rowBytes,
          4 * strides[1] * channels,
          rowBytes,
        );
      }
      const { buffer } = heapMemory(backend);
      const target = new Float32Array(
        buffer,
        heapOffset(backend, dw),
        taps * channels,
      );
      const total = new Float32Array(buffer, sums, taps * packed);
      for (let tap = 0; tap < taps; tap++) {
        const from = tap * packed;
        target.set(total.subarray(from, from + channels), tap * channels);
      }
    },
  );
  return dw;
}
