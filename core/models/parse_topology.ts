import { isRecord, quoteJson } from "../files/json.ts";
import { cleanText } from "../text/clean_text.ts";
import { modelCost } from "./cost.ts";
import { REBUILD } from "./layers/parse_keras.ts";
import { INPUT_KEYS, parseGraph } from "./parse_graph.ts";
import {
  appendLayer,
  checkSaved,
  parseEntry,
  parseName,
  type SavedLayer,
} from "./parse_saved_layer.ts";
import type { LayerSpec, ModelSpec } from "./spec.ts";

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

/** `[height, width, channels]` that the first layer declares. */
function parseInput(
  config: Record<string, unknown>,
  source: string,
): [number, number, number] {
  const input: unknown = config.batch_shape ?? config.batch_input_shape;
  if (!Array.isArray(input) || input.length !== 4) {
    refuse(
      source,
      `its first layer must declare the input as [n, h, w, c]: found ${
        quoteJson(input)
      }; begin the model with that shape, and save it again`,
    );
  }
  const [height, width, channels] = input.slice(1).map((extent) => {
    if (typeof extent === "number") return extent;
    return refuse(
      source,
      `an input extent must be a number: found ${
        quoteJson(extent)
      }; give the model an input of one size, and save it again`,
    );
  });
  return [height, width, channels];
}

/** Shape of the output of `spec`; throws a `RangeError` where its layers don't go together. */
function computeOutput(spec: ModelSpec, source: string): number[] {
  try {
    return [...modelCost(spec).layers.at(-1)?.output ?? []];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const rule = error.message.replace(/^Cannot [^:]*: /, "");
    throw new RangeError(
      `Cannot load ${source}: ${cleanText(rule)}; ${REBUILD}`,
      { cause: error },
    );
  }
}

/** The layers of a sequential model, of which the first may only declare the input. */
function parseRow(saved: SavedLayer[], source: string): LayerSpec[] {
  const [first, ...rest] = saved;
  const declares = first?.className === "InputLayer";
  if (declares) checkSaved(first, INPUT_KEYS, source);
  const layers: LayerSpec[] = [];
  for (const layer of declares ? rest : saved) {
    const { name, className, entry } = layer;
    if (className === "InputLayer") {
      refuse(source, `layer ${name} must come first; ${REBUILD}`);
    }
    if (`${entry.inbound_nodes ?? ""}`) {
      refuse(source, `layer ${name} must follow the one before; ${REBUILD}`);
    }
    appendLayer(layers, layer, source);
  }
  return layers;
}

/**
 * The spec of a saved tfjs model, sequential or a graph that is a row with sums, from `modelTopology` of its
 * `model.json`. `source` is what errors call the file.
 *
 * Whatever the file says is read, or known to change nothing of what the model
 * computes, or refused. Throws a `SyntaxError` where the model isn't a row of the
 * layers that `ModelSpec` knows, in which what some make may be added to what they
 * read, and a `RangeError` where counts are out
 * of range or layers don't go together.
 */
export function parseTopology(topology: unknown, source: string): ModelSpec {
  if (isRecord(topology)) checkKeys(topology, TOPOLOGY_KEYS, source);
  const wrapped = isRecord(topology) && isRecord(topology.model_config);
  const model = wrapped ? topology.model_config : topology;
  const className = isRecord(model) ? model.class_name : model;
  const isGraph = className === "Functional" || className === "Model";
  if (!isRecord(model) || !(isGraph || className === "Sequential")) {
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
  const { config } = model;
  if (!isRecord(config) || !Array.isArray(config.layers)) {
    refuse(source, "its topology must list layers; save the model again");
  }
  checkKeys(
    config,
    isGraph ? [...MODEL_KEYS, ...GRAPH_KEYS] : MODEL_KEYS,
    source,
  );
  const saved = config.layers.map((entry) => parseEntry(entry, source));
  const layers = isGraph
    ? parseGraph(config, saved, source)
    : parseRow(saved, source);
  const input = parseInput(saved[0]?.config ?? {}, source);
  const name = parseName(config.name ?? "sequential", source, "the model");
  const spec: ModelSpec = { name, input, layers };
  const [classes, ...others] = computeOutput(spec, source);
  if (others.length > 0 || classes < 2) {
    throw new RangeError(
      `Cannot load ${source}: its output must be a row of 2 or more classes: it is ${
        [classes, ...others].join("×")
      }; end it with a dense layer of one unit a class`,
    );
  }
  return spec;
}
