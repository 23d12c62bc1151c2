import {
  checkConvolution,
  configureConvolution,
  convolvedExtents,
  describeWindows,
  formatWindows,
  parseConvolution,
  parseWindows,
  summariseWindows,
} from "./convolution.ts";
import type { LayerForms, LayerRule } from "./layer.ts";

/** Of k×k windows on c channels: (k² + 1)·c parameters, h′w′c·k² multiply-adds. */
export const DEPTHWISE_CONV2D: LayerRule<"depthwiseConv2d"> = {
  reads: "image",
  check: checkConvolution,
  output: (layer, input) => [...convolvedExtents(layer, input), input[2]],
  kernel: ({ size }, [, , channels]) => [size, size, channels, 1],
};

export const DEPTHWISE_CONV2D_FORMS: LayerForms<"depthwiseConv2d"> = {
  text: {
    form: "depthK",
    pattern: /^depth(\d+)(?:\/(\d+))?((?::[a-z]+)*)$/,
    stem: "depth",
    parse: ([size, stride], endings) => parseWindows(size, stride, endings),
    format: (layer) => `depth${layer.size}${formatWindows(layer)}`,
  },
  keras: {
    className: "DepthwiseConv2D",
    aliases: ["DepthwiseConvolution2D"],
    keys: [
      "kernel_size",
      "strides",
      "padding",
      "activation",
      "data_format",
      "dilation_rate",
      "use_bias",
      "groups",
      "depth_multiplier",
    ],
    kernels: ["depthwise_kernel", "kernel"], // as tfjs and Keras 2 have it, and Keras 3
    parse: parseConvolution,
    configure: configureConvolution,
  },
  summarise: (layer) => `depthwiseConv2d ${summariseWindows(layer)}`,
  describe: (layer) =>
    `depthwise convolution ${layer.size}×${layer.size}${
      describeWindows(layer)
    }`,
};
