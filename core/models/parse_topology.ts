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

/** Checks that a convolution or pooling is of the one kind that specs have. */
function checkWindows(
  config: Record<string, unknown>,
  stride: number,
  source: string,
): void {
  const strides = pairOfOne(config.strides, source, "strides");
  const channelsLast = (config.data_format ?? "channels_last") ===
    "channels_last";
  const dilation = pairOfOne(config.dilation_rate ?? 1, source, "dilation");
  if (
    strides !== stride || config.padding !== "valid" || !channelsLast ||
    dilation !== 1
  ) {
    refuse(
      source,
      `layer ${config.name} must be channels-last, undilated, of stride ${stride} and without padding`,
    );
  }
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
      const size = pairOfOne(config.kernel_size, source, "a kernel");
      checkWindows(config, 1, source);
      if (config.use_bias === false) refuse(source, `${name} must have a bias`);
      const filters = numberOf(config.filters, source, "filters");
      const activation = parseActivation(config.activation, source);
      return { kind: "conv2d", name, filters, size, activation };
    }
    case "MaxPooling2D": {
      const size = pairOfOne(config.pool_size, source, "a pool");
      checkWindows(config, size, source);
      return { kind: "maxPool2d", name, size };
    }
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
        `layers must be Conv2D, MaxPooling2D, Dropout, Flatten, Dense or Softmax: found ${className}`,
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
