import {
  configureConvolution,
  convolvedExtents,
  describeWindows,
  formatWindows,
  parseConvolution,
  parseExtentText,
  parseWindows,
  summariseWindows,
} from "./convolution.ts";
import {
  along,
  describeExtent,
  formatExtent,
  type LayerForms,
  type LayerRule,
} from "./layer.ts";
import { parseNumber } from "./parse_keras.ts";

/** Of k×k windows on c channels, m to each: (k² + 1)·cm parameters, h′w′cm·k² multiply-adds. */
export const DEPTHWISE_CONV2D: LayerRule<"depthwiseConv2d"> = {
  reads: "image",
  output: (layer, input) => [
    ...convolvedExtents(layer, input),
    input[2] * (layer.multiplier ?? 1),
  ],
  kernel: ({ size, multiplier = 1 }, [, , channels]) => [
    along(size, 0),
    along(size, 1),
    channels,
    multiplier,
  ],
};

export const DEPTHWISE_CONV2D_FORMS: LayerForms<"depthwiseConv2d"> = {
  text: {
    form: "depthK",
    pattern:
      /^depth(\d+(?:x\d+)?)(?:\*(\d+))?(?:\/(\d+(?:x\d+)?))?((?::[a-z][a-z\d.]*)*)$/,
    stem: "depth",
    parse: ([size, multiplier = "1", stride], endings) => ({
      ...parseWindows(parseExtentText(size), stride, endings),
      ...multiplier !== "1" && { multiplier: Number(multiplier) },
    }),
    format: (layer) =>
      `depth${formatExtent(layer.size, "x")}${
        (layer.multiplier ?? 1) === 1 ? "" : `*${layer.multiplier}`
      }${formatWindows(layer)}`,
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
    parse: (config, place) => {
      const multiplier = parseNumber(
        config.depth_multiplier ?? 1,
        "depth_multiplier",
        place,
      );
      return {
        ...parseConvolution(config, place),
        ...multiplier !== 1 && { multiplier },
      };
    },
    configure: (layer) => ({
      ...configureConvolution(layer),
      depthMultiplier: layer.multiplier ?? 1,
    }),
  },
  summarise: (layer) =>
    `depthwiseConv2d${
      (layer.multiplier ?? 1) === 1 ? "" : ` ${layer.multiplier} a channel`
    } ${summariseWindows(layer)}`,
  describe: (layer) =>
    `depthwise convolution ${describeExtent(layer.size)}${
      (layer.multiplier ?? 1) === 1 ? "" : `, ${layer.multiplier} a channel`
    }${describeWindows(layer)}`,
};
