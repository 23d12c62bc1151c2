import * as tf from "../../../tf.ts";
import {
  checkInputShape,
  readInput,
  readIntegers,
  readNumber,
} from "../../kernel_arguments.ts";
import { registerKernels } from "../../register_kernels.ts";
import { conv2dBackpropFilter } from "../conv2d_backprop_filter.ts";
import { conv2dBackpropInput } from "../conv2d_backprop_input.ts";
import { conv2dGeometry, shape4 } from "../conv2d_geometry.ts";
import { maxPoolScatter } from "../fused/max_pool_scatter.ts";
import { asWasmBackend } from "../heap.ts";
import { linearKernels } from "../linear_kernels.ts";
import { suitsWinograd } from "../winograd/suits_winograd.ts";
import { pooledConvGradient } from "./pooled_conv_gradient.ts";

/** Numbers of a filter above which it leaves the second-level cache, image by image. */
const LARGEST_FILTER = 65_536;

/** The attribute `pad`. */
function readPadding(
  attributes: tf.NamedAttrMap | undefined,
): "valid" | "same" {
  const padding = attributes?.pad;
  if (padding === "same") return "same";
  if (padding === "valid") return "valid";
  throw new TypeError(
    `Cannot run a kernel: its attribute \`pad\` must be valid or same: current value is ${padding}`,
  );
}

/**
 * Kernel `RetortPooledConvGrad`: the gradients of a convolution of x by a filter,
 * `[dw]` or, with `differentiateInput`, `[dw, dx]`, from the gradient g at the
 * winners of the pools that follow, `RetortBiasReluMaxPool`'s. Where filters are
 * large, or Winograd's way suits, all windows are taken instead.
 */
const pooledConvGrad: tf.KernelFunc = ({ inputs, attrs, backend: given }) => {
  const backend = asWasmBackend(given);
  const kernels = linearKernels(backend);
  const x = readInput(inputs, "x");
  const filter = readInput(inputs, "filter");
  const g = readInput(inputs, "g");
  const winner = readInput(inputs, "winner", "int32");
  const stride = readNumber(attrs, "stride");
  const pool = readIntegers(attrs, "pool", 2);
  const withInput = attrs?.differentiateInput === true;
  const geometry = conv2dGeometry(shape4(x.shape), shape4(filter.shape), {
    strides: [stride, stride],
    pad: readPadding(attrs),
    dataFormat: "NHWC",
  });
  const [count, down, across, filters] = geometry.output;
  const pooled = [
    count,
    Math.floor(down / pool[0]),
    Math.floor(across / pool[1]),
    filters,
  ];
  checkInputShape("g", g, pooled);
  checkInputShape("winner", winner, pooled);
  const wide = tf.util.sizeFromShape(filter.shape) > LARGEST_FILTER ||
    suitsWinograd({
      window: geometry.filter.slice(0, 2),
      strides: geometry.strides,
      output: geometry.output.slice(1),
      channels: geometry.input[3],
    });
  if (!wide) {
    const convolution = { x, filter, g, winner };
    return pooledConvGradient(
      backend,
      kernels,
      convolution,
      geometry,
      pool,
      withInput,
    );
  }
  const [dy] = [maxPoolScatter({
    inputs: { g, winner },
    attrs: { inputShape: geometry.output, size: pool },
    backend,
  })].flat();
  const dw = conv2dBackpropFilter(backend, kernels, { x, dy }, geometry);
  const dx = withInput
    ? [conv2dBackpropInput(backend, kernels, { dy, filter }, geometry)]
    : [];
  backend.disposeData(dy.dataId);
  return [dw, ...dx];
};

/** Registers on tfjs's Wasm backend the gradient that ops/conv_relu_max_pool.ts calls. */
export function registerPooledWasmKernels(): void {
  registerKernels("wasm", { RetortPooledConvGrad: pooledConvGrad });
}
