import { isRecord } from "../files/json.ts";
import {
  type Activation,
  checkSpec,
  type LayerSpec,
  type ModelSpec,
} from "./spec.ts";

function refuse(source: string, rule: string): never {
  throw new SyntaxError(`Cannot load ${source}: ${rule}`);
}

function pairOfOne(value: unknown, source: string, what: string): number {
  const values = Array.isArray(value) ? value : [value, value];
  const [first, second] = values;
  if (
    typeof first !== "number" || first !== second || values.length !== 2
  ) {
    refuse(source, `${what} must be square: found ${JSON.stringify(value)}`);
  }
  return first;
}

function parseActivation(value: unknown, source: string): Activation {
  if (value === "relu" || value === "linear") return value;
  refuse(
    source,
    `an activation must be relu or linear: found ${JSON.stringify(value)}`,
  );
}

function numberOf(value: unknown, source: string, what: string): number {
  if (typeof value === "number") return value;
  refuse(source, `${what} must be a number: found ${JSON.stringify(value)}`);
}

/** Throws unless a layer's images have their channels last. */
function checkChannelsLast(
  config: Record<string, unknown>,
  source: string,
): void {
  if ((config.data_format ?? "channels_last") !== "channels_last") {
    refuse(source, `layer ${config.name} must be channels-last`);
  }
}

/** What both kinds of convolution say alike; stride and padding only where unusual. */
function parseConvolution(
  config: Record<string, unknown>,
  name: string,
  source: string,
): Omit<Extract<LayerSpec, { kind: "depthwiseConv2d" }>, "kind"> {
  checkChannelsLast(config, source);
  if (pairOfOne(config.dilation_rate ?? 1, source, "dilation") !== 1) {
    refuse(source, `${name} must be undilated`);
  }
  if (config.use_bias === false) refuse(source, `${name} must have a bias`);
  const { padding } = config;
  if (padding !== "valid" && padding !== "same") {
    refuse(
      source,
      `padding must be valid or same: found ${JSON.stringify(padding)}`,
    );
  }
  const stride = pairOfOne(config.strides, source, "strides");
  return {
    name,
    size: pairOfOne(config.kernel_size, source, "a kernel"),
    activation: parseActivation(config.activation, source),
    ...(stride !== 1 && { stride }),
    ...(padding === "same" && { padding }),
  };
}

/** Window of a pooling layer whose windows lie side by side. */
function parsePool(
  config: Record<string, unknown>,
  name: string,
  source: string,
): { name: string; size: number } {
  checkChannelsLast(config, source);
  const size = pairOfOne(config.pool_size, source, "a pool");
  const stride = pairOfOne(config.strides, source, "strides");
  if (stride !== size || config.padding !== "valid") {
    refuse(
      source,
      `layer ${name} must be of stride ${size} and without padding`,
    );
  }
  return { name, size };
}

/** The spec of one saved layer; `undefined` for one that only declares the input. */
function parseLayer(
  className: unknown,
  config: Record<string, unknown>,
  source: string,
): LayerSpec | undefined {
  const name = String(config.name);
  switch (className) {
    case "InputLayer":
      return undefined;
    case "Conv2D": {
      const filters = numberOf(config.filters, source, "filters");
      const shared = parseConvolution(config, name, source);
      return { kind: "conv2d", filters, ...shared };
    }
    case "DepthwiseConv2D":
      if ((config.depth_multiplier ?? 1) !== 1) {
        refuse(source, `${name} must make one channel of each`);
      }
      return {
        kind: "depthwiseConv2d",
        ...parseConvolution(config, name, source),
      };
    case "MaxPooling2D":
      return { kind: "maxPool2d", ...parsePool(config, name, source) };
    case "AveragePooling2D":
      return { kind: "averagePool2d", ...parsePool(config, name, source) };
    case "GlobalAveragePooling2D":
      checkChannelsLast(config, source);
      return { kind: "globalAveragePool2d", name };
    case "Dropout":
      return {
        kind: "dropout",
        name,
        rate: numberOf(config.rate, source, "rate"),
      };
    case "Flatten":
      return { kind: "flatten", name };
    case "Dense": {
      if (config.use_bias === false) refuse(source, `${name} must have a bias`);
      const units = numberOf(config.units, source, "units");
      const activation = parseActivation(config.activation, source);
      return { kind: "dense", name, units, activation };
    }
    case "Softmax":
      return { kind: "softmax", name };
    default:
      return refuse(
        source,
        `layers must be Conv2D, DepthwiseConv2D, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D, Dropout, Flatten, Dense or Softmax: found ${className}`,
      );
  }
}

/**
 * The spec of a saved sequential tfjs model, from `modelTopology` of its
 * `model.json`. `source` is what errors call the file.
 *
 * Throws a `SyntaxError` where the model isn't a row of the layers that
 * {@linkcode ModelSpec} knows, and a `RangeError` where counts are out of range.
 */
export function parseTopology(topology: unknown, source: string): ModelSpec {
  const model = isRecord(topology) && isRecord(topology.model_config)
    ? topology.model_config
    : topology;
  if (!isRecord(model) || model.class_name !== "Sequential") {
    refuse(source, "its topology must be a Sequential model");
  }
  const { config } = model;
  if (!isRecord(config) || !Array.isArray(config.layers)) {
    refuse(source, "its topology must list layers");
  }
  let input: unknown;
  const layers: LayerSpec[] = [];
  for (const entry of config.layers) {
    if (!isRecord(entry) || !isRecord(entry.config)) {
      refuse(source, "each layer must have a configuration");
    }
    input ??= entry.config.batch_input_shape;
    const layer = parseLayer(entry.class_name, entry.config, source);
    if (layer) layers.push(layer);
  }
  if (!Array.isArray(input) || input.length !== 4) {
    refuse(source, "its first layer must declare the input as [n, h, w, c]");
  }
  const [height, width, channels] = input.slice(1).map((extent) =>
    numberOf(extent, source, "an input extent")
  );
  const spec: ModelSpec = {
    name: String(config.name),
    input: [height, width, channels],
    layers,
  };
  checkSpec(spec);
  return spec;
}
