import type { FloatArray } from "../../../files/safetensors.ts";
import { isRecord, quoteJson } from "../../../files/json.ts";
import { cleanText } from "../../../text/clean_text.ts";
import type {
  KerasConfig,
  LayerForms,
  LayerKind,
  LayerSpec,
  Place,
} from "../../layers/layer.ts";
import { LAYER_FORMS, LAYER_KINDS } from "../../layers/layer_forms.ts";
import { parseNumber, REBUILD, refuseValue } from "../../layers/parse_keras.ts";
import {
  ACTIVATION_FORMS,
  ACTIVATIONS,
  LEAK,
} from "../../layers/activation.ts";
import type { RowStep } from "../row.ts";

/** Throws a `SyntaxError` that says which model can't be loaded, why, and what to do. */
function refuse(source: string, rule: string, remedy: string): never {
  throw new SyntaxError(`Cannot load ${source}: ${rule}; ${remedy}`);
}

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

/** A layer whose weights have yet to be found: what it does, with them. */
export interface SavedStep {
  kind: "layer";
  name: string;
  /** What files call each of its weights, behind the layer's name: the first as tfjs does. */
  variables: readonly (readonly string[])[];
  /** What it does, once its weights are there, in that order. */
  steps(weights: FloatArray[]): RowStep[];
}

/** Saved layers in a row, in which what some make may be added to what they read. */
export type SavedRow = (
  | SavedStep
  | { kind: "residual"; name: string; row: SavedRow }
)[];

/** A saved layer before what it computes is read. */
export interface SavedLayer {
  name: string;
  className: string;
  config: KerasConfig;
  /** The element of the topology's `layers`. */
  entry: KerasConfig;
}

/** A layer of Keras that is none of ours, or several. */
interface KerasLayer {
  /** What Keras called it before, or also calls it. */
  aliases?: readonly string[];
  /** Keys that are read, or may say one thing only (see `FIXED`). */
  keys: readonly string[];
  /** Its weights' names, where it has some. */
  variables?(config: KerasConfig): (readonly string[])[];
  steps(
    config: KerasConfig,
    place: Place,
    weights: FloatArray[],
  ): RowStep[];
}

/** Of any layer: how it is called, first drawn and trained, not what it computes. */
const HARMLESS = [
  "name",
  "trainable",
  "batch_input_shape",
  "batch_shape",
  "dynamic",
  "seed",
  "optional",
  "build_config",
  ...["kernel", "bias", "depthwise", "pointwise", "activity", "beta", "gamma"]
    .concat(["moving_mean", "moving_variance"])
    .flatMap((what) => [
      `${what}_initializer`,
      `${what}_regularizer`,
      `${what}_constraint`,
    ]),
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

const isFlag = (value: unknown) => typeof value === "boolean";

/** What a layer may say in one way only, which is also what it is where it says nothing. */
const FIXED: Record<string, [(value: unknown) => boolean, string]> = {
  data_format: [(value) => value === "channels_last", "be channels-last"],
  use_bias: [isFlag, "have a bias or none"],
  groups: [isOne, "have one group of channels"],
  dtype: [isFloat32, "compute in float32"],
  sparse: [(value) => value === false, "not be sparse"],
  ragged: [(value) => value === false, "not be ragged"],
  center: [isFlag, "add a number or none"],
  scale: [
    (value) => isFlag(value) || typeof value === "number",
    "scale or not",
  ],
  renorm: [(value) => value === false, "not be renormalised"],
  virtual_batch_size: [(value) => value === null, "have no virtual batches"],
  synchronized: [isFlag, "be synchronised or not"],
  invert: [(value) => value === false, "not be inverted"],
  keepdims: [isFlag, "keep extents of 1 or not"],
};

/** The numbers of an array of one axis, as float64. */
function numbers({ values }: FloatArray): Float64Array {
  return Float64Array.from(values);
}

/** A layer's activation, as a step behind it: a softmax, which ends a model, is a layer. */
function activationSteps(value: unknown, place: Place): RowStep[] {
  const name = parseActivationName(value, place);
  // The logarithm of what a softmax gives, which ends a model too, is for its loss.
  if (name === "softmax" || name === "log_softmax") {
    return [{
      kind: "layer",
      layer: { kind: "softmax", name: `${place.name}_softmax` },
      weights: [],
    }];
  }
  const found = ACTIVATIONS.find((each) =>
    ACTIVATION_FORMS[each].keras.includes(name)
  );
  if (!found) {
    return refuseValue(
      value,
      `an activation must be ${
        ACTIVATIONS.map((each) => ACTIVATION_FORMS[each].keras[0]).join(" or ")
      }, or softmax at the end`,
      place,
    );
  }
  const slope = found === "leakyRelu" ? { slope: KERAS_SLOPE } : {};
  return [{
    kind: "activation",
    name: `${place.name}_activation`,
    activation: found,
    ...slope,
  }];
}

/** What a leaky relu that is a layer's activation keeps of numbers below 0, by Keras 3. */
const KERAS_SLOPE = 0.2;

/** The name of an activation: linear where nothing is said. */
function parseActivationName(value: unknown, place: Place): string {
  const said = isRecord(value) && value.class_name === "function"
    ? value.config
    : value;
  if (typeof (said ?? "linear") === "string") return String(said ?? "linear");
  return refuseValue(value, "an activation must be a name", place);
}

/** A number that a layer may say, and what it is otherwise. */
function numberOr(
  value: unknown,
  usual: number,
  what: string,
  place: Place,
): number {
  return value === null || value === undefined
    ? usual
    : parseNumber(value, what, place);
}

/** y = activation(x). */
function activation(
  { name }: Place,
  what: "relu" | "relu6" | "leakyRelu" | "elu",
  slope?: number,
): RowStep[] {
  return [{
    kind: "activation",
    name,
    activation: what,
    ...slope !== undefined && slope !== LEAK && { slope },
  }];
}

/** Layers that only differ from nothing in training. */
const NOTHING: KerasLayer = {
  keys: ["rate", "stddev", "l1", "l2", "noise_shape"],
  steps: () => [],
};

/** One number, or one a channel: `Normalization` and `Rescaling` say both. */
function parseFactors(
  value: unknown,
  what: string,
  place: Place,
): Float64Array {
  const flat = [value].flat(4);
  if (flat.length === 0) refuseValue(value, `${what} must be numbers`, place);
  return Float64Array.from(flat, (each) => parseNumber(each, what, place));
}

/**
 * y = x · scale + offset, by one number or one a channel: `of` two lists, of which one
 * may be of one number.
 */
function affine(
  place: Place,
  [first, second]: readonly [Float64Array, Float64Array],
  of: (first: number, second: number) => [scale: number, offset: number],
  axis = -1,
): RowStep[] {
  const count = Math.max(first.length, second.length);
  for (const { length } of [first, second]) {
    if (length === 1 || length === count) continue;
    refuseValue(length, `it must have ${count} numbers or one of each`, place);
  }
  const pairs = Array.from(
    { length: count },
    (_, i) => of(first[i % first.length], second[i % second.length]),
  );
  return [{
    kind: "affine",
    name: place.name,
    axis,
    scale: Float64Array.from(pairs, ([scale]) => scale),
    offset: Float64Array.from(pairs, ([, offset]) => offset),
  }];
}

/** Layers of Keras that are no kind of ours, by Keras' names. */
const OTHERS: Readonly<Record<string, KerasLayer>> = {
  Activation: {
    keys: ["activation"],
    steps: ({ activation }, place) =>
      activationSteps(activation, place).map((step): RowStep =>
        step.kind === "activation"
          ? { ...step, name: place.name }
          : step.kind === "layer"
          ? { ...step, layer: { kind: "softmax", name: place.name } }
          : step
      ),
  },
  ReLU: {
    keys: ["max_value", "negative_slope", "threshold"],
    steps: ({ max_value, negative_slope, threshold }, place) => {
      if (numberOr(threshold, 0, "threshold", place) !== 0) {
        refuseValue(threshold, "a relu must begin at 0", place);
      }
      const slope = numberOr(negative_slope, 0, "negative_slope", place);
      const most = numberOr(max_value, Infinity, "max_value", place);
      if (slope === 0 && most === 6) return activation(place, "relu6");
      if (most !== Infinity) {
        refuseValue(max_value, "a relu must end at 6 or nowhere", place);
      }
      return slope === 0
        ? activation(place, "relu")
        : activation(place, "leakyRelu", slope);
    },
  },
  LeakyReLU: {
    keys: ["alpha", "negative_slope"],
    steps: ({ alpha, negative_slope }, place) =>
      activation(
        place,
        "leakyRelu",
        numberOr(negative_slope ?? alpha, 0.3, "its slope", place),
      ),
  },
  ELU: {
    keys: ["alpha"],
    steps: ({ alpha }, place) => {
      if (numberOr(alpha, 1, "alpha", place) !== 1) {
        refuseValue(alpha, "an ELU must have an alpha of 1", place);
      }
      return activation(place, "elu");
    },
  },
  SeparableConv2D: {
    aliases: ["SeparableConvolution2D"],
    keys: [
      ...["filters", "kernel_size", "strides", "padding", "data_format"],
      ...["dilation_rate", "depth_multiplier", "activation", "use_bias"],
      "groups",
    ],
    variables: ({ use_bias }) => [
      ["depthwise_kernel"],
      ["pointwise_kernel"],
      ...use_bias === false ? [] : [["bias"]],
    ],
    steps: (config, place, [depthwise, ...pointwise]) => {
      const { name } = place;
      return [
        {
          kind: "layer",
          layer: parseAs("depthwiseConv2d", {
            // tfjs doesn't write it: the kernel has it.
            depth_multiplier: depthwise.shape[3],
            ...config,
          }, { ...place, name: `${name}_depthwise` }),
          weights: [depthwise],
        },
        {
          kind: "layer",
          layer: {
            kind: "conv2d",
            name,
            filters: parseNumber(config.filters, "filters", place),
            size: 1,
            activation: "linear",
          },
          weights: pointwise,
        },
        ...activationSteps(config.activation, place),
      ];
    },
  },
  BatchNormalization: {
    aliases: ["BatchNormalizationV1", "SyncBatchNormalization"],
    keys: [
      ...["axis", "momentum", "epsilon", "center", "scale", "renorm"],
      ...["virtual_batch_size", "synchronized", "fused"],
    ],
    variables: ({ scale, center }) => [
      ["moving_mean"],
      ["moving_variance"],
      ...scale === false ? [] : [["gamma"]],
      ...center === false ? [] : [["beta"]],
    ],
    steps: (config, place, [mean, variance, ...more]) => {
      const [axis, ...axes] = [config.axis ?? -1].flat();
      if (axes.length > 0 || typeof axis !== "number") {
        refuseValue(config.axis, "axis must be one number", place);
      }
      const gamma = config.scale === false ? undefined : more.shift();
      const [beta] = more;
      const epsilon = numberOr(config.epsilon, 1e-3, "epsilon", place);
      const count = mean.values.length;
      for (const each of [mean, variance, gamma, beta]) {
        if (!each || each.values.length === count) continue;
        refuseValue(each.shape, `have ${count} of each weight`, place);
      }
      const scale = numbers(variance).map((each, i) =>
        (gamma?.values[i] ?? 1) / Math.sqrt(each + epsilon)
      );
      const offset = numbers(mean).map((each, i) =>
        (beta?.values[i] ?? 0) - each * scale[i]
      );
      return [{
        kind: "affine",
        name: place.name,
        axis,
        scale,
        offset,
      }];
    },
  },
  Rescaling: {
    keys: ["scale", "offset"],
    steps: ({ scale, offset }, place) =>
      affine(
        place,
        [
          parseFactors(scale, "scale", place),
          parseFactors(offset ?? 0, "offset", place),
        ],
        (scale, offset) => [scale, offset],
      ),
  },
  Normalization: {
    keys: [
      "axis",
      "mean",
      "variance",
      "input_mean",
      "input_variance",
      "invert",
    ],
    variables: ({ mean, input_mean }) =>
      (mean ?? input_mean ?? null) === null
        ? [["mean"], ["variance"], ["count"]]
        : [],
    steps: (config, place, [mean, variance]) => {
      const means = mean
        ? numbers(mean)
        : parseFactors(config.mean ?? config.input_mean, "mean", place);
      const variances = variance ? numbers(variance) : parseFactors(
        config.variance ?? config.input_variance,
        "variance",
        place,
      );
      // None of all numbers alike.
      const [axis = -1, ...axes] = [config.axis ?? []].flat();
      if (axes.length > 0 || typeof axis !== "number") {
        refuseValue(config.axis, "axis must be one number or none", place);
      }
      return affine(place, [means, variances], (mean, variance) => {
        // Keras' own bound of a deviation.
        const deviation = Math.max(Math.sqrt(variance), 1e-7);
        return [1 / deviation, -mean / deviation];
      }, axis);
    },
  },
  ZeroPadding2D: {
    keys: ["padding", "data_format"],
    steps: ({ padding }, place) => {
      const sides = Array.isArray(padding) ? padding : [padding ?? 1];
      const [rows, columns = rows] = sides;
      const ends = [rows, columns].flatMap((each) =>
        Array.isArray(each) ? each : [each, each]
      );
      if (
        ends.length !== 4 ||
        !ends.every((each) => Number.isInteger(each) && each >= 0)
      ) {
        refuseValue(padding, "padding must be counts of zeros", place);
      }
      const [top, bottom, left, right] = ends;
      return [{
        kind: "frame",
        name: place.name,
        frame: [top, bottom, left, right],
      }];
    },
  },
  Reshape: {
    keys: ["target_shape"],
    steps: ({ target_shape }, place) => {
      const shape: unknown[] = Array.isArray(target_shape) ? target_shape : [];
      const extents = shape.map((each) =>
        parseNumber(each, "an extent of target_shape", place)
      );
      if (
        extents.length === 0 ||
        !extents.every((each) => Number.isInteger(each) && each !== 0) ||
        extents.filter((each) => each < 0).length > 1
      ) {
        refuseValue(target_shape, "target_shape must be extents", place);
      }
      return [{ kind: "reshape", name: place.name, shape: extents }];
    },
  },
  SpatialDropout2D: NOTHING,
  GaussianDropout: NOTHING,
  GaussianNoise: NOTHING,
  AlphaDropout: NOTHING,
  ActivityRegularization: NOTHING,
};

/** Our kinds by Keras' names for them, those of today and of before. */
const KINDS: ReadonlyMap<string, LayerKind> = new Map(
  LAYER_KINDS.flatMap((kind) => {
    const { keras } = LAYER_FORMS[kind];
    if (!keras) return [];
    return [keras.className, ...keras.aliases ?? []]
      .map((name) => [name, kind] as const);
  }),
);

const OTHER_NAMES: ReadonlyMap<string, KerasLayer> = new Map(
  Object.entries(OTHERS).flatMap(([className, layer]) =>
    [className, ...layer.aliases ?? []].map((name) => [name, layer] as const)
  ),
);

/** What a saved layer is called that is read. */
export const CLASS_NAMES: readonly string[] = [
  "InputLayer",
  "Add",
  ...LAYER_KINDS.flatMap((kind) => LAYER_FORMS[kind].keras?.className ?? []),
  ...Object.keys(OTHERS),
];

/** Throws unless each thing that `config` says is read, fixed, or changes nothing. */
function checkConfig(
  config: KerasConfig,
  keys: readonly string[],
  source: string,
): void {
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
function checkEntry(entry: KerasConfig, name: string, source: string): void {
  const { class_name, module, registered_name } = entry;
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
}

/** What a saved layer of `kind` says, without its activation. */
function parseAs<K extends LayerKind>(
  kind: K,
  config: KerasConfig,
  { name, source }: Place,
): LayerSpec<K> {
  const { keras }: LayerForms<K> = LAYER_FORMS[kind];
  if (!keras) refuse(source, `layer ${name} can't be a ${kind}`, REBUILD);
  return { kind, name, ...keras.parse(config, { name, source }) };
}

/** What a saved layer of a kind of ours needs, and does. */
function parseOwn(
  kind: LayerKind,
  config: KerasConfig,
  place: Place,
): Pick<SavedStep, "variables" | "steps"> {
  const { keras } = LAYER_FORMS[kind];
  checkConfig(config, keras?.keys ?? [], place.source);
  const layer = parseAs(kind, config, place);
  if (layer.kind === "residual") {
    return refuse(
      place.source,
      `layer ${place.name} can't be a residual`,
      REBUILD,
    );
  }
  const weighted = "activation" in layer;
  return {
    variables: weighted
      ? [
        keras?.kernels ?? ["kernel"],
        ...config.use_bias === false ? [] : [["bias"]],
      ]
      : [],
    steps: (weights) => [
      { kind: "layer", layer, weights },
      ...weighted ? activationSteps(config.activation, place) : [],
    ],
  };
}

/** An element of a topology's `layers`. Throws a `SyntaxError` where it is none. */
export function parseEntry(entry: unknown, source: string): SavedLayer {
  if (!isRecord(entry) || !isRecord(entry.config)) {
    refuse(source, "each layer must have a configuration", "save it again");
  }
  const { config } = entry;
  const name = parseName(config.name, source, "each layer");
  return { name, className: String(entry.class_name), config, entry };
}

/** Throws a `SyntaxError` unless a layer says no more than `keys` of what it computes. */
export function checkSaved(
  { name, config, entry }: SavedLayer,
  keys: readonly string[],
  source: string,
): void {
  checkEntry(entry, name, source);
  checkConfig(config, keys, source);
}

/**
 * What one saved layer needs and does; what it doesn't say has Keras' default. Throws a
 * `SyntaxError` where it says what isn't known to change nothing, and can't be read.
 */
export function parseLayer(saved: SavedLayer, source: string): SavedStep {
  const { name, className, config, entry } = saved;
  const kind = KINDS.get(className);
  const other = OTHER_NAMES.get(className);
  const place = { name, source };
  if (kind !== undefined) {
    checkEntry(entry, name, source);
    return { kind: "layer", name, ...parseOwn(kind, config, place) };
  }
  if (other === undefined) {
    refuse(
      source,
      `layers must be ${CLASS_NAMES.join(", ")}: found ${
        cleanText(className, { length: 60 })
      }`,
      REBUILD,
    );
  }
  checkSaved(saved, other.keys, source);
  return {
    kind: "layer",
    name,
    variables: other.variables?.(config) ?? [],
    steps: (weights) => other.steps(config, place, weights),
  };
}
