import * as tf from "../../../tf.ts";
import {
  type Conv2DAttributes,
  type Conv2DGeometry,
  conv2dGeometry,
  type Shape4,
  shape4,
} from "../conv2d_geometry.ts";
import { assertAttributes, registerKernel } from "../register_kernel.ts";
import { averagePool } from "./average_pool.ts";
import { depthwiseBackpropFilter } from "./depthwise_backprop_filter.ts";
import { depthwiseBackpropInput } from "./depthwise_backprop_input.ts";
import { depthwiseConv2d } from "./depthwise_conv2d.ts";

/** The attributes that tfjs passes to a depthwise convolution and its gradients. */
type DepthwiseAttributes = Omit<Conv2DAttributes, "dataFormat"> & {
  dilations: number | [number, number];
};

/** Whether windows have holes, or a channel makes several. */
function isUnusual(
  { dilations }: DepthwiseAttributes,
  filter: readonly number[],
): boolean {
  return filter[3] !== 1 || [dilations].flat().some((rate) => rate !== 1);
}

/** The geometry of the depthwise convolution of `input` by `filter`. */
function depthwiseGeometry(
  input: Shape4,
  [rows, columns, channels]: readonly number[],
  attributes: DepthwiseAttributes,
): Conv2DGeometry {
  const filter: Shape4 = [rows, columns, channels, channels];
  return conv2dGeometry(input, filter, { ...attributes, dataFormat: "NHWC" });
}

/** That of a gradient, which has no stock kernel to fall back on. */
function gradientGeometry(
  input: Shape4,
  filter: readonly number[],
  attributes: DepthwiseAttributes,
): Conv2DGeometry {
  if (isUnusual(attributes, filter)) {
    throw new RangeError(
      `Cannot differentiate a depthwise convolution on Wasm: it must be undilated, with one filter a channel: current value is a filter of [${
        filter.join(", ")
      }] with dilation ${attributes.dilations}: pass --backend cpu or webgpu`,
    );
  }
  return depthwiseGeometry(input, filter, attributes);
}

/** The size of square pools side by side, if an average pool's are such. */
function poolSize(attributes: unknown): number | undefined {
  assertAttributes<tf.AvgPoolAttrs>(attributes, "filterSize", "strides", "pad");
  const { filterSize, strides, pad } = attributes;
  const [size] = [filterSize].flat();
  const square = [filterSize, strides].flat().every((each) => each === size);
  return square && pad === "valid" ? size : undefined;
}

/**
 * Registers the gradients of depthwise convolutions, which tfjs's Wasm backend
 * lacks, the convolution itself where it is undilated, and average-pooling by
 * windows side by side, which tfjs does a number at a time where channels are few.
 */
export function registerDepthwiseWasmKernels(): void {
  registerKernel(
    tf.DepthwiseConv2dNative,
    (backend, kernels, { x, filter }, attributes) => {
      assertAttributes<DepthwiseAttributes>(attributes, "strides", "pad");
      const geometry = depthwiseGeometry(
        shape4(x.shape),
        filter.shape,
        attributes,
      );
      return depthwiseConv2d(backend, kernels, { x, filter }, geometry);
    },
    (attributes, { filter }) => {
      assertAttributes<DepthwiseAttributes>(attributes, "dilations");
      return isUnusual(attributes, filter.shape);
    },
  );
  registerKernel(
    tf.DepthwiseConv2dNativeBackpropInput,
    (backend, kernels, { dy, filter }, attributes) => {
      assertAttributes<DepthwiseAttributes & { inputShape: Shape4 }>(
        attributes,
        "inputShape",
        "dilations",
      );
      const { inputShape } = attributes;
      const geometry = gradientGeometry(inputShape, filter.shape, attributes);
      return depthwiseBackpropInput(backend, kernels, { dy, filter }, geometry);
    },
  );
  registerKernel(
    tf.DepthwiseConv2dNativeBackpropFilter,
    (backend, kernels, { x, dy }, attributes) => {
      assertAttributes<DepthwiseAttributes & { filterShape: Shape4 }>(
        attributes,
        "filterShape",
        "dilations",
      );
      const geometry = gradientGeometry(
        shape4(x.shape),
        attributes.filterShape,
        attributes,
      );
      return depthwiseBackpropFilter(backend, kernels, { x, dy }, geometry);
    },
  );
  registerKernel(
    tf.AvgPool,
    (backend, kernels, { x }, attributes) =>
      averagePool(
        backend,
        kernels,
        x,
        shape4(x.shape),
        poolSize(attributes) ?? 1,
      ),
    (attributes, { x }) =>
      x.shape.length !== 4 || poolSize(attributes) === undefined,
  );
}
