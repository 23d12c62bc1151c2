import { isRecord, quoteJson } from "../files/json.ts";
import { cleanText } from "../text/clean_text.ts";
import type { Activation, LayerSpec } from "./spec.ts";

type Config = Record<string, unknown>;

/** Throws a `SyntaxError` that says which model can't be loaded, why, and what to do. */
function refuse(source: string, rule: string, remedy: string): never {
  throw new SyntaxError(`Cannot load ${source}: ${rule}; ${remedy}`);
}

/** What helps where a layer is of another kind than ours. */
export const REBUILD = "build the model otherwise, train it and save it again";

/** `name`, where it can be read as it is: it will stand in reports and other files. */
export function parseName(name: unknown, source: string, what: string): string {
  if (typeof name === "string" && name !== "" && cleanText(name) === name) {
    return name;
  }
  return refuse(
    source,
    `${what} must have a name of 1 to 200 visible characters: found ${
      quoteJson(name)
    }`,
    "give it one, and save the model again",
  );
}

/** Of any layer: how it is called, first drawn and trained, not what it computes. */
const HARMLESS = [
  ...["name", "trainable", "batch_input_shape", "batch_shape", "dynamic"],
  ...["seed", "optional", "build_config"],
  ...["kernel", "bias", "depthwise", "activity"].flatMap((
    what,
  ) => [`${what}_initializer`, `${what}_regularizer`, `${what}_constraint`]),
];

function isFloat32(dtype: unknown): boolean {
  if (isRecord(dtype) && isRecord(dtype.config)) {
    return dtype.class_name === "DTypePolicy" &&
      dtype.config.name === "float32";
  }
  return dtype === "float32";
}

const isOne = (value: unknown) =>
  [value].flat().every((each) => each === 1) && [value].flat().length > 0;

/** What a layer may say in one way only, which is also what it is where it says nothing. */
const FIXED: Record<string, [(value: unknown) => boolean, string]> = {
  data_format: [(value) => value === "channels_last", "be channels-last"],
  dilation_rate: [isOne, "be undilated"],
  use_bias: [(value) => value === true, "have a bias"],
  depth_multiplier: [isOne, "make one channel of each"],
  groups: [isOne, "have one group of channels"],
  dtype: [isFloat32, "compute in float32"],
  sparse: [(value) => value === false, "not be sparse"],
  ragged: [(value) => value === false, "not be ragged"],
  keepdims: [(value) => value === false, "leave no extents of 1"],
  axis: [(value) => value === -1 || value === 1, "go by the last axis"],
};

/** Keys that each class of layer is read by, or may say in one way. */
const KEYS: Record<string, string[]> = {
  InputLayer: ["sparse", "ragged"],
  Conv2D: [
    ...["filters", "kernel_size", "strides", "padding", "activation"],
    ...["data_format", "dilation_rate", "use_bias", "groups"],
  ],
  DepthwiseConv2D: [
    ...["kernel_size", "strides", "padding", "activation", "data_format"],
    ...["dilation_rate", "use_bias", "depth_multiplier", "groups"],
  ],
  MaxPooling2D: ["pool_size", "strides", "padding", "data_format"],
  AveragePooling2D: ["pool_size", "strides", "padding", "data_format"],
  GlobalAveragePooling2D: ["data_format", "keepdims"],
  Dropout: ["rate"],
  Flatten: ["data_format"],
  Dense: ["units", "activation", "use_bias"],
  Softmax: ["axis"],
};

/** Names that Keras had for the same layers. */
const ALIASES: Record<string, string> = {
  Convolution2D: "Conv2D",
  DepthwiseConvolution2D: "DepthwiseConv2D",
  MaxPool2D: "MaxPooling2D",
  AvgPool2D: "AveragePooling2D",
  GlobalAvgPool2D: "GlobalAveragePooling2D",
};

/** Throws unless each thing that `config` says is read, fixed, or changes nothing. */
function checkConfig(config: Config, keys: string[], source: string): void {
  const { name } = config;
  for (const [key, value] of Object.entries(config)) {
    if (value === null || HARMLESS.includes(key)) continue;
    const fixed = Object.hasOwn(FIXED, key) ? FIXED[key] : undefined;
    if (keys.includes(key) || key === "dtype") {
      if (!fixed || fixed[0](value)) continue;
      const rule = `layer ${name} must ${fixed[1]}: its ${key} is`;
      refuse(source, `${rule} ${quoteJson(value)}`, REBUILD);
    }
    refuse(
      source,
      `layer ${name} may say no more than ${
        keys.join(", ")
      } of what it computes: found ${cleanText(key, { length: 40 })}: ${
        quoteJson(value)
      }`,
      REBUILD,
    );
  }
}

/** What stands beside a layer's configuration; it may not make another layer of it. */
function checkEntry(entry: Config, name: string, source: string): void {
  const { class_name, module, registered_name, inbound_nodes } = entry;
  const foreign = registered_name ?? class_name;
  if (
    !/^(tensorflow\.|tf_)?keras(\.|$)/.test(`${module ?? "keras"}`) ||
    foreign !== class_name
  ) {
    refuse(
      source,
      `layer ${name} must be Keras' own ${class_name}: it is ${
        quoteJson(module ?? null)
      } ${quoteJson(registered_name ?? null)}`,
      REBUILD,
    );
  }
  if (Array.isArray(inbound_nodes ?? []) && !`${inbound_nodes ?? ""}`) return;
  refuse(source, `layer ${name} must follow the one before`, REBUILD);
}

/** Who reads a value of which layer, for errors. */
interface Place {
  name: string;
  source: string;
}

function refuseValue(
  value: unknown,
  rule: string,
  { name, source }: Place,
): never {
  refuse(source, `layer ${name}: ${rule}: found ${quoteJson(value)}`, REBUILD);
}

function parseSquare(value: unknown, what: string, place: Place): number {
  const values = Array.isArray(value) ? value : [value, value];
  const [first, second] = values;
  if (typeof first === "number" && first === second && values.length === 2) {
    return first;
  }
  return refuseValue(value, `${what} must be square`, place);
}

function parseNumber(value: unknown, what: string, place: Place): number {
  if (typeof value === "number") return value;
  return refuseValue(value, `${what} must be a number`, place);
}

function parseActivation(value: unknown, place: Place): Activation {
  const activation = value ?? "linear";
  if (activation === "relu" || activation === "linear") return activation;
  return refuseValue(
    value,
    activation === "softmax"
      ? "a softmax must be a layer of its own, behind a linear one"
      : "an activation must be relu or linear",
    place,
  );
}

/** What both kinds of convolution say alike; stride and padding only where unusual. */
function parseConvolution(
  config: Config,
  place: Place,
): Omit<Extract<LayerSpec, { kind: "depthwiseConv2d" }>, "kind"> {
  const padding = config.padding ?? "valid";
  if (padding !== "valid" && padding !== "same") {
    refuseValue(padding, "padding must be valid or same", place);
  }
  const stride = parseSquare(config.strides ?? 1, "strides", place);
  return {
    name: place.name,
    size: parseSquare(config.kernel_size, "a kernel", place),
    activation: parseActivation(config.activation, place),
    ...(stride !== 1 && { stride }),
    ...(padding === "same" && { padding }),
  };
}

/** Window of a pooling layer whose windows lie side by side. */
function parsePool(
  config: Config,
  place: Place,
): { name: string; size: number } {
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
  return { name: place.name, size };
}

/**
 * The spec of one saved layer, an element of a topology's `layers`; `undefined` for
 * one that only declares the input, which the `first` may do.
 *
 * What a layer doesn't say has Keras' default. Throws a `SyntaxError` where it says
 * what isn't known to change nothing, and can't be read.
 */
export function parseLayer(
  entry: unknown,
  { source, first }: { source: string; first: boolean },
): LayerSpec | undefined {
  if (!isRecord(entry) || !isRecord(entry.config)) {
    refuse(source, "each layer must have a configuration", "save it again");
  }
  const { config } = entry;
  const name = parseName(config.name, source, "each layer");
  const given = String(entry.class_name);
  const kind = Object.hasOwn(ALIASES, given) ? ALIASES[given] : given;
  if (!Object.hasOwn(KEYS, kind)) {
    refuse(
      source,
      `layers must be ${Object.keys(KEYS).join(", ")}: found ${
        cleanText(given, { length: 60 })
      }`,
      REBUILD,
    );
  }
  checkEntry(entry, name, source);
  checkConfig(config, KEYS[kind], source);
  const place = { name, source };
  switch (kind) {
    case "Conv2D":
      return {
        kind: "conv2d",
        filters: parseNumber(config.filters, "filters", place),
        ...parseConvolution(config, place),
      };
    case "DepthwiseConv2D":
      return { kind: "depthwiseConv2d", ...parseConvolution(config, place) };
    case "MaxPooling2D":
      return { kind: "maxPool2d", ...parsePool(config, place) };
    case "AveragePooling2D":
      return { kind: "averagePool2d", ...parsePool(config, place) };
    case "GlobalAveragePooling2D":
      return { kind: "globalAveragePool2d", name };
    case "Dropout":
      return {
        kind: "dropout",
        name,
        rate: parseNumber(config.rate, "rate", place),
      };
    case "Flatten":
      return { kind: "flatten", name };
    case "Dense":
      return {
        kind: "dense",
        name,
        units: parseNumber(config.units, "units", place),
        activation: parseActivation(config.activation, place),
      };
    case "Softmax":
      return { kind: "softmax", name };
    default: // InputLayer
      if (first) return undefined;
      return refuse(source, `layer ${name} must come first`, REBUILD);
  }
}
