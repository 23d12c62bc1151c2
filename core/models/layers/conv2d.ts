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
  countOf,
  describeExtent,
  formatExtent,
  type LayerForms,
  type LayerRule,
} from "./layer.ts";
import { parseNumber } from "./parse_keras.ts";

/** Of k×k windows on c channels to f filters: (k²c + 1)·f parameters, h′w′f·k²c multiply-adds. */
export const CONV2D: LayerRule<"conv2d"> = {
  reads: "image",
  output: (layer, input) => [...convolvedExtents(layer, input), layer.filters],
  kernel: ({ size, filters }, [, , channels]) => [
    along(size, 0),
    along(size, 1),
    channels,
    filters,
  ],
};

export const CONV2D_FORMS: LayerForms<"conv2d"> = {
  text: {
    form: "convKxF",
    pattern:
      /^conv(\d+(?:x\d+)?)x(\d+)(?:\/(\d+(?:x\d+)?))?((?::[a-z][a-z\d.]*)*)$/,
    stem: "conv",
    parse: ([size, filters, stride], endings) => ({
      filters: Number(filters),
      ...parseWindows(parseExtentText(size), stride, endings),
    }),
    format: (layer) =>
      `conv${formatExtent(layer.size, "x")}x${layer.filters}${
        formatWindows(layer)
      }`,
  },
  keras: {
    className: "Conv2D",
    aliases: ["Convolution2D"],
    keys: [
      "filters",
      "kernel_size",
      "strides",
      "padding",
      "activation",
      "data_format",
      "dilation_rate",
      "use_bias",
      "groups",
    ],
    parse: (config, place) => ({
      filters: parseNumber(config.filters, "filters", place),
      ...parseConvolution(config, place),
    }),
    configure: (layer) => ({
      filters: layer.filters,
      ...configureConvolution(layer),
    }),
  },
  summarise: (layer) => `conv2d ${summariseWindows(layer)}`,
  describe: (layer) =>
    `convolution ${describeExtent(layer.size)}, ${
      countOf(layer.filters, "filter")
    }${describeWindows(layer)}`,
};
