import { isRecord, quoteJson } from "../../../files/json.ts";
import { cleanText } from "../../../text/clean_text.ts";
import { REBUILD } from "../../layers/parse_keras.ts";
import { INPUT_KEYS, parseGraph } from "./parse_graph.ts";
import {
  checkSaved,
  parseEntry,
  parseLayer,
  parseName,
  type SavedLayer,
  type SavedRow,
} from "./saved_layer.ts";

function refuse(source: string, rule: string): never {
  throw new SyntaxError(`Cannot load ${source}: ${rule}`);
}

/** Frameworks whose kernels lie as ours do: Theano's convolutions are turned round. */
const BACKENDS = [
  "tensorflow",
  "tensor_flow.js",
  "jax",
  "torch",
  "numpy",
  "openvino",
];

/** What a topology may say beside its layers that changes nothing of what they compute. */
const TOPOLOGY_KEYS = [
  "class_name",
  "config",
  "model_config",
  "keras_version",
  "backend",
  "training_config",
  "build_config",
  "compile_config",
  "module",
  "registered_name",
  "name",
];
const MODEL_KEYS = [
  "name",
  "layers",
  "trainable",
  "dtype",
  "build_input_shape",
  "build_config",
];
/** What a graph says besides. */
const GRAPH_KEYS = ["input_layers", "output_layers"];

/** Throws where `value` says more than is read, which might change what the model computes. */
function checkKeys(
  value: Record<string, unknown>,
  known: string[],
  source: string,
): void {
  for (const [key, said] of Object.entries(value)) {
    if (said === null || known.includes(key)) continue;
    refuse(
      source,
      `its topology may say no more than ${known.join(", ")}: found ${
        cleanText(key, { length: 40 })
      }: ${quoteJson(said)}; save it anew with tfjs or its converter`,
    );
  }
}

/** A model as saved, before its weights are found. */
export interface SavedModel {
  name: string;
  /** Shape of one input, without the batch, as its first layer declares it. */
  input: number[];
  row: SavedRow;
}

/** Models may lie within models, so deep. */
const MOST_DEPTH = 16;

/** What errors call the file, and how deep within models what is read lies. */
interface Reading {
  source: string;
  depth: number;
}

/** Shape of one input, as the first of `layers` declares it, or the first of the first. */
function parseInput(layers: SavedLayer[], source: string): number[] {
  const [first] = layers;
  const { config = {} } = first ?? {};
  const input: unknown = config.batch_shape ?? config.batch_input_shape;
  if ((input ?? null) === null && first && isModel(first.className)) {
    return parseInput(parseEntries(config.layers, source), source);
  }
  if (!Array.isArray(input) || input.length < 2 || input.length > 4) {
    refuse(
      source,
      `its first layer must declare the input as [n, h, w, c], [n, h, w] or [n, pixels]: found ${
        quoteJson(input)
      }; begin the model with that shape, and save it again`,
    );
  }
  return input.slice(1).map((extent) => {
    if (Number.isInteger(extent) && extent >= 1 && extent <= MOST_EXTENT) {
      return Number(extent);
    }
    return refuse(
      source,
      `an input extent must be a number from 1 to ${MOST_EXTENT}: found ${
        quoteJson(extent)
      }; give the model an input of one size, and save it again`,
    );
  });
}

/** Pixels that an input may have along an axis; a row of them may be an image's. */
const MOST_EXTENT = 2 ** 24;

/** What Keras calls models, in which layers lie. */
function isModel(className: unknown): boolean {
  return className === "Sequential" || isGraph(className);
}

function isGraph(className: unknown): boolean {
  return className === "Functional" || className === "Model";
}

function parseEntries(layers: unknown, source: string): SavedLayer[] {
  if (!Array.isArray(layers)) {
    refuse(source, "its topology must list layers; save the model again");
  }
  return layers.map((entry) => parseEntry(entry, source));
}

/** What a layer needs and does; of a model within the model, its layers. */
function parseMember(saved: SavedLayer, reading: Reading): SavedRow {
  const { source, depth } = reading;
  if (!isModel(saved.className)) return [parseLayer(saved, source)];
  if (depth >= MOST_DEPTH) {
    refuse(
      source,
      `models must lie at most ${MOST_DEPTH} deep within each other; ${REBUILD}`,
    );
  }
  return parseLayers(saved.className, saved.config, {
    source,
    depth: depth + 1,
  });
}

/** The layers of a sequential model, of which the first may only declare the input. */
function parseSequence(saved: SavedLayer[], reading: Reading): SavedRow {
  const { source } = reading;
  const [first, ...rest] = saved;
  const declares = first?.className === "InputLayer";
  if (declares) checkSaved(first, INPUT_KEYS, source);
  return (declares ? rest : saved).flatMap((layer) => {
    const { name, className, entry } = layer;
    if (className === "InputLayer") {
      refuse(source, `layer ${name} must come first; ${REBUILD}`);
    }
    if (`${entry.inbound_nodes ?? ""}`) {
      refuse(source, `layer ${name} must follow the one before; ${REBUILD}`);
    }
    return parseMember(layer, reading);
  });
}

/** The layers of a model of Keras' class `className`. */
function parseLayers(
  className: unknown,
  config: Record<string, unknown>,
  reading: Reading,
): SavedRow {
  const { source } = reading;
  checkKeys(
    config,
    isGraph(className) ? [...MODEL_KEYS, ...GRAPH_KEYS] : MODEL_KEYS,
    source,
  );
  const saved = parseEntries(config.layers, source);
  return isGraph(className)
    ? parseGraph(config, saved, {
      source,
      parse: (layer) => parseMember(layer, reading),
    })
    : parseSequence(saved, reading);
}

/**
 * What a saved tfjs or Keras model says of its layers, from `modelTopology` of its
 * `model.json`: a sequential one, or a graph that is a row with sums, with such models
 * in it. `source` is what errors call the file.
 *
 * Whatever the file says is read, or known to change nothing of what the model
 * computes, or refused. Throws a `SyntaxError` where the model isn't a row of the
 * layers that are known here, in which what some make may be added to what they read.
 */
export function parseTopology(topology: unknown, source: string): SavedModel {
  if (isRecord(topology)) checkKeys(topology, TOPOLOGY_KEYS, source);
  const wrapped = isRecord(topology) && isRecord(topology.model_config);
  const model = wrapped ? topology.model_config : topology;
  const className = isRecord(model) ? model.class_name : model;
  if (!isRecord(model) || !isModel(className)) {
    refuse(
      source,
      `its topology must be a Sequential or a Functional model: found ${
        quoteJson(className)
      }; build it as one, give it these weights and save it again`,
    );
  }
  const { backend } = { ...model, ...(isRecord(topology) ? topology : {}) };
  if (!BACKENDS.includes(String(backend ?? BACKENDS[0]))) {
    refuse(
      source,
      `its backend must be ${BACKENDS.join(", ")}: found ${
        quoteJson(backend)
      }; save it anew with one of these`,
    );
  }
  // Before Keras 2.2.3 a sequential model was no more than its layers.
  const config = Array.isArray(model.config)
    ? { layers: model.config }
    : model.config;
  if (!isRecord(config)) {
    refuse(source, "its topology must list layers; save the model again");
  }
  const row = parseLayers(className, config, { source, depth: 0 });
  return {
    name: parseName(config.name ?? "sequential", source, "the model"),
    input: parseInput(parseEntries(config.layers, source), source),
    row,
  };
}
