import {
  checkCount,
  type KerasConfig,
  type LayerForms,
  type LayerRule,
  type Place,
} from "./layer.ts";
import { parseSquare, refuseValue } from "./parse_keras.ts";

/** Windows side by side: ⌊h/k⌋ × ⌊w/k⌋ of them. */
const POOL: LayerRule<"maxPool2d" | "averagePool2d"> = {
  reads: "image",
  check: ({ size }, refuse) => checkCount("pool size", size, refuse),
  output: ({ size }, [height, width, channels]) => [
    Math.floor(height / size),
    Math.floor(width / size),
    channels,
  ],
};

export const MAX_POOL2D: LayerRule<"maxPool2d"> = POOL;
export const AVERAGE_POOL2D: LayerRule<"averagePool2d"> = POOL;

/** Window of Keras' pools, where windows lie side by side. */
function parsePool(config: KerasConfig, place: Place): { size: number } {
  const size = parseSquare(config.pool_size ?? 2, "a pool", place);
  const stride = parseSquare(config.strides ?? size, "strides", place);
  const padding = config.padding ?? "valid";
  if (stride !== size || padding !== "valid") {
    refuseValue(
      { strides: config.strides, padding },
      `a pool must be of stride ${size} and without padding`,
      place,
    );
  }
  return { size };
}

const POOL_KEYS = ["pool_size", "strides", "padding", "data_format"];

const parseSize = ([size]: string[]) => ({ size: Number(size) });
const configurePool = ({ size }: { size: number }) => ({ poolSize: size });

export const MAX_POOL2D_FORMS: LayerForms<"maxPool2d"> = {
  text: {
    form: "maxN",
    pattern: /^max(\d+)()$/,
    stem: "max",
    parse: parseSize,
    format: ({ size }) => `max${size}`,
  },
  keras: {
    className: "MaxPooling2D",
    aliases: ["MaxPool2D"],
    keys: POOL_KEYS,
    parse: parsePool,
    configure: configurePool,
  },
  summarise: ({ size }) => `maxPool2d ${size}×${size}`,
  describe: ({ size }) => `maximum of ${size}×${size}`,
};

export const AVERAGE_POOL2D_FORMS: LayerForms<"averagePool2d"> = {
  text: {
    form: "poolN",
    pattern: /^pool(\d+)()$/,
    stem: "pool",
    parse: parseSize,
    format: ({ size }) => `pool${size}`,
  },
  keras: {
    className: "AveragePooling2D",
    aliases: ["AvgPool2D"],
    keys: POOL_KEYS,
    parse: parsePool,
    configure: configurePool,
  },
  summarise: ({ size }) => `averagePool2d ${size}×${size}`,
  describe: ({ size }) => `mean of ${size}×${size}`,
};

/** A row of one number a channel. */
export const GLOBAL_AVERAGE_POOL2D: LayerRule<"globalAveragePool2d"> = {
  reads: "image",
  output: (_, [, , channels]) => [channels],
};

export const GLOBAL_AVERAGE_POOL2D_FORMS: LayerForms<"globalAveragePool2d"> = {
  text: {
    form: "mean",
    pattern: /^mean()$/,
    stem: "mean",
    parse: () => ({}),
    format: () => "mean",
  },
  keras: {
    className: "GlobalAveragePooling2D",
    aliases: ["GlobalAvgPool2D"],
    keys: ["data_format", "keepdims"],
    parse: () => ({}),
    configure: () => ({}),
  },
  summarise: () => "globalAveragePool2d",
  describe: () => "mean of all places",
};
