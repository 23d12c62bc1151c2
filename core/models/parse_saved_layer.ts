import { isRecord, quoteJson } from "../files/json.ts";
import { cleanText } from "../text/clean_text.ts";
import { LEAK } from "./layers/activation.ts";
import type { KerasConfig, LayerForms, LayerKind } from "./layers/layer.ts";
import { LAYER_FORMS, LAYER_KINDS } from "./layers/layer_forms.ts";
import { REBUILD, refuseValue } from "./layers/parse_keras.ts";
import type { LayerSpec } from "./spec.ts";

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

/** Our kinds by Keras' names for them, those of today and of before. */
const KINDS: ReadonlyMap<string, LayerKind> = new Map(
  LAYER_KINDS.flatMap((kind) => {
    const { keras } = LAYER_FORMS[kind];
    if (!keras) return [];
    return [keras.className, ...keras.aliases ?? []]
      .map((name) => [name, kind] as const);
  }),
);

/** What a saved layer is called that we have. */
const CLASS_NAMES = [
  "InputLayer",
  "Add",
  "LeakyReLU",
  ...LAYER_KINDS.flatMap((kind) => LAYER_FORMS[kind].keras?.className ?? []),
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

/** What a saved layer of `kind` says. */
function parseAs<K extends LayerKind>(
  kind: K,
  config: KerasConfig,
  { name, source }: { name: string; source: string },
): LayerSpec<K> {
  const { keras }: LayerForms<K> = LAYER_FORMS[kind];
  if (!keras) refuse(source, `layer ${name} can't be a ${kind}`, REBUILD);
  checkConfig(config, keras.keys, source);
  return { kind, name, ...keras.parse(config, { name, source }) };
}

/** A saved layer before what it computes is read. */
export interface SavedLayer {
  name: string;
  className: string;
  config: KerasConfig;
  /** The element of the topology's `layers`. */
  entry: KerasConfig;
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

/** The spec of one saved layer. */
function parseLayer(saved: SavedLayer, source: string): LayerSpec {
  const { name, className, config, entry } = saved;
  const kind = KINDS.get(className);
  if (kind === undefined) {
    refuse(
      source,
      `layers must be ${CLASS_NAMES.join(", ")}: found ${
        cleanText(className, { length: 60 })
      }`,
      REBUILD,
    );
  }
  checkEntry(entry, name, source);
  return parseAs(kind, config, { name, source });
}

/** What a leaky relu keeps of numbers below 0, where it doesn't say. */
const KERAS_SLOPE = 0.3;

/**
 * Adds what a saved layer says to `layers`, the last of which it reads: a layer, or of a
 * leaky relu the last one's activation. What it doesn't say has Keras' default. Throws a
 * `SyntaxError` where it says what isn't known to change nothing, and can't be read, or a
 * leaky relu has another slope than ours or doesn't follow sums.
 */
export function appendLayer(
  layers: LayerSpec[],
  saved: SavedLayer,
  source: string,
): void {
  if (saved.className !== "LeakyReLU") {
    layers.push(parseLayer(saved, source));
    return;
  }
  checkSaved(saved, ["alpha", "negative_slope"], source);
  const { name, config } = saved;
  const place = { name, source };
  // Keras 3 has another word for it than Keras 2 and tfjs.
  const said = [config.alpha, config.negative_slope].filter((slope) =>
    (slope ?? null) !== null
  );
  for (const slope of said.length > 0 ? said : [KERAS_SLOPE]) {
    if (slope === LEAK) continue;
    refuseValue(slope, `a leaky relu's slope must be ${LEAK}`, place);
  }
  const last = layers.at(-1);
  if (!last || !("activation" in last) || last.activation !== "linear") {
    refuseValue(
      last?.kind ?? null,
      "a leaky relu must follow weighted sums or a sum of layers, with no activation between",
      place,
    );
  }
  layers[layers.length - 1] = { ...last, activation: "leakyRelu" };
}
