import {
  formatPlacement,
  formatStride,
  parseExtentText,
  parsePadding,
  summarisePadding,
} from "./convolution.ts";
import {
  type ActivationFields,
  describeExtent,
  type Endings,
  formatActivation,
  formatExtent,
  type KerasConfig,
  type LayerForms,
  type LayerRule,
  pairOf,
  type Place,
  summariseActivation,
  type WindowFields,
} from "./layer.ts";
import { parseExtent } from "./parse_keras.ts";
import { windowSpans } from "./window_span.ts";

/** Where the windows of a pool lie: side by side, unless it says otherwise. */
export function poolWindows(
  { size, stride = size, padding }: WindowFields,
): WindowFields {
  return { size, stride, padding };
}

/** ⌊h/k⌋ × ⌊w/k⌋ windows, where they lie side by side. */
const POOL: LayerRule<"maxPool2d" | "averagePool2d"> = {
  reads: "image",
  output: (layer, input) => [
    ...windowSpans(poolWindows(layer), input).map(({ count }) => count),
    input[2],
  ],
};

export const MAX_POOL2D: LayerRule<"maxPool2d"> = POOL;
export const AVERAGE_POOL2D: LayerRule<"averagePool2d"> = POOL;

/** Windows of Keras' pools; of a stride only where they don't lie side by side. */
function parsePool(config: KerasConfig, place: Place): WindowFields {
  const size = parseExtent(config.pool_size ?? 2, "a pool", place);
  const stride = parseExtent(config.strides ?? size, "strides", place);
  return {
    size,
    ...`${stride}` !== `${size}` && { stride },
    ...parsePadding(config, place),
  };
}

const POOL_KEYS = ["pool_size", "strides", "padding", "data_format"];

function parsePoolText(
  [size, stride]: string[],
  { windows: { padding } }: Endings,
): WindowFields {
  return {
    size: parseExtentText(size),
    ...stride !== undefined && { stride: parseExtentText(stride) },
    ...padding && { padding },
  };
}

/** What follows a sum of places; a mean, which nothing follows, has a word without an ending. */
function parseSum({ activation }: Endings): Partial<ActivationFields> {
  const { activation: kind } = activation;
  return kind === "round" || kind === "linear" ? activation : {};
}

/** What follows a sum of places, in a summary; nothing of a mean. */
function summariseSum(
  { activation, ...more }: Partial<ActivationFields>,
): string {
  return activation
    ? ` sum ${summariseActivation({ activation, ...more })}`
    : "";
}

function formatPool(layer: WindowFields): string {
  return `${formatExtent(layer.size, "x")}${
    layer.stride === undefined ? "" : formatStride(layer) || "/1"
  }${formatPlacement(layer)}`;
}

function configurePool({ size, stride = size, padding }: WindowFields) {
  return {
    poolSize: pairOf(size),
    strides: pairOf(stride),
    padding: padding === "same" ? padding : "valid",
  };
}

/** "3×3/2 same". */
function summarisePool(layer: WindowFields): string {
  const step = layer.stride === undefined
    ? ""
    : `/${formatExtent(layer.stride, "×")}`;
  return `${describeExtent(layer.size)}${step}${summarisePadding(layer)}`;
}

/** ", stride 2, padded". */
function describePool({ size, stride, padding }: WindowFields): string {
  return [
    describeExtent(size),
    stride === undefined ? "" : `, stride ${formatExtent(stride, "×")}`,
    padding === undefined || padding === "valid" ? "" : ", padded",
  ].join("");
}

export const MAX_POOL2D_FORMS: LayerForms<"maxPool2d"> = {
  text: {
    form: "maxN",
    pattern:
      /^max(\d+(?:x\d+)?)(?:\/(\d+(?:x\d+)?))?((?::(?:same|pad[\dx]+))?)$/,
    stem: "max",
    parse: parsePoolText,
    format: (layer) => `max${formatPool(layer)}`,
  },
  keras: {
    className: "MaxPooling2D",
    aliases: ["MaxPool2D"],
    keys: POOL_KEYS,
    parse: parsePool,
    configure: configurePool,
  },
  summarise: (layer) => `maxPool2d ${summarisePool(layer)}`,
  describe: (layer) => `maximum of ${describePool(layer)}`,
};

export const AVERAGE_POOL2D_FORMS: LayerForms<"averagePool2d"> = {
  text: {
    form: "poolN",
    pattern:
      /^pool(\d+(?:x\d+)?)(?:\/(\d+(?:x\d+)?))?((?::(?:same|pad[\dx]+|linear|round[\d.sb]+))*)$/,
    stem: "pool",
    parse: (groups, endings) => ({
      ...parsePoolText(groups, endings),
      ...parseSum(endings),
    }),
    format: (layer) => `pool${formatPool(layer)}${formatActivation(layer)}`,
  },
  keras: {
    className: "AveragePooling2D",
    aliases: ["AvgPool2D"],
    keys: POOL_KEYS,
    parse: parsePool,
    configure: configurePool,
  },
  summarise: (layer) =>
    `averagePool2d ${summarisePool(layer)}${summariseSum(layer)}`,
  describe: (layer) => `mean of ${describePool(layer)}`,
};

/** A row of one number a channel. */
export const GLOBAL_AVERAGE_POOL2D: LayerRule<"globalAveragePool2d"> = {
  reads: "image",
  output: (_, [, , channels]) => [channels],
};

export const GLOBAL_AVERAGE_POOL2D_FORMS: LayerForms<"globalAveragePool2d"> = {
  text: {
    form: "mean",
    pattern: /^mean((?::(?:linear|round[\d.sb]+))?)$/,
    stem: "mean",
    parse: (_, endings) => parseSum(endings),
    format: (layer) => `mean${formatActivation(layer)}`,
  },
  keras: {
    className: "GlobalAveragePooling2D",
    aliases: ["GlobalAvgPool2D"],
    keys: ["data_format", "keepdims"],
    parse: () => ({}),
    configure: () => ({}),
  },
  summarise: (layer) => `globalAveragePool2d${summariseSum(layer)}`,
  describe: () => "mean of all places",
};

/** A row of one number a channel. */
export const GLOBAL_MAX_POOL2D: LayerRule<"globalMaxPool2d"> = {
  reads: "image",
  output: (_, [, , channels]) => [channels],
};

export const GLOBAL_MAX_POOL2D_FORMS: LayerForms<"globalMaxPool2d"> = {
  text: {
    form: "most",
    pattern: /^most()$/,
    stem: "most",
    parse: () => ({}),
    format: () => "most",
  },
  keras: {
    className: "GlobalMaxPooling2D",
    aliases: ["GlobalMaxPool2D"],
    keys: ["data_format", "keepdims"],
    parse: () => ({}),
    configure: () => ({}),
  },
  summarise: () => "globalMaxPool2d",
  describe: () => "maximum of all places",
};
