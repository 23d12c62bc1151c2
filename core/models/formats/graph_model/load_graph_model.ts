import { isRecord } from "../../../files/json.ts";
import { cleanText } from "../../../text/clean_text.ts";
import { product } from "../../layers/layer.ts";
import { hashModel, type LoadedModel } from "../loaded_model.ts";
import {
  type ModelJson,
  parseWeightsManifest,
  readWeightData,
} from "../model_json.ts";
import { lowerGraph } from "../onnx/lower_graph.ts";
import type { Node, OnnxModel, StoredTensor } from "../onnx/parse_model.ts";
import type { PixelScale } from "../pixel_scale.ts";
import { type DescribedBox, hashBox } from "../black_box.ts";
import { refuseRow } from "../refuse_row.ts";
import { rowOnly, rowOrBox } from "../row_or_box.ts";
import { describeGraph } from "./describe_graph.ts";
import {
  cutBytes,
  type DeclaredWeight,
  decodeWeight,
} from "../stored_weights.ts";
import {
  ALIASES,
  type GraphModel,
  type GraphNode,
  parseGraphModel,
  parseShape,
} from "./parse_graph_model.ts";
import {
  isChannelsFirst,
  parseType,
  translateOperator,
} from "./translate_node.ts";

/** Versions of operators whose words are spoken here. */
const OPSET = 18;
/** Numbers that tell a shape, axes or such. */
const MOST_NUMBERS = 256;
/** ONNX' numbers of types. */
const [FLOAT32, UINT8, INT32, BOOL] = [1, 2, 6, 9];

/** How whole numbers and truths are stored. */
const WHOLE: readonly DeclaredWeight["dtype"][] = ["int32", "bool"];

/** A constant of the file. */
interface Stored {
  declared: DeclaredWeight;
  bytes: Uint8Array<ArrayBuffer>;
}

/** The numbers of a constant, where they are few. */
function fewNumbers(found: Stored | undefined): number[] | undefined {
  return found && product(found.declared.shape) <= MOST_NUMBERS
    ? [...decodeWeight(found.bytes, found.declared)]
    : undefined;
}

/** The nodes that `outputs` depend on. */
function findLive(
  nodes: readonly GraphNode[],
  outputs: readonly string[],
): GraphNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const live = new Set<GraphNode>();
  const wanted = [...outputs];
  for (const name of wanted) {
    const node = byName.get(ownerOf(name));
    if (!node || live.has(node)) continue;
    live.add(node);
    for (const input of node.inputs) wanted.push(input);
  }
  return nodes.filter((node) => live.has(node));
}

/** The node whose output is called `name`. */
function ownerOf(name: string): string {
  return name.split(":")[0];
}

/** The nodes, each behind those that it reads, as far as they don't turn in a circle. */
function sortNodes(nodes: readonly GraphNode[]): GraphNode[] {
  const names = new Set(nodes.map(({ name }) => name));
  const readers = new Map<string, GraphNode[]>();
  const waiting = new Map<GraphNode, number>();
  for (const node of nodes) {
    const read = [...new Set(node.inputs.map(ownerOf))].filter((name) =>
      names.has(name)
    );
    waiting.set(node, read.length);
    for (const name of read) {
      const own = readers.get(name) ?? [];
      own.push(node);
      readers.set(name, own);
    }
  }
  const sorted = nodes.filter((node) => waiting.get(node) === 0);
  // It grows while it is gone through.
  for (const { name } of sorted) {
    for (const reader of readers.get(name) ?? []) {
      const left = (waiting.get(reader) ?? 0) - 1;
      waiting.set(reader, left);
      if (left === 0) sorted.push(reader);
    }
    readers.delete(name);
  }
  // Of a circle: what reads it will be told.
  return [...sorted, ...nodes.filter((node) => waiting.get(node) !== 0)];
}

/** Numbers as they lie in an ONNX file. */
function storeTensor(
  name: string,
  { declared, bytes }: Stored,
  source: string,
): StoredTensor {
  const { shape, dtype, isWhole } = declared;
  const base = { name, shape, typed: [] };
  if (isWhole) {
    const { buffer } = Int32Array.from(decodeWeight(bytes, declared));
    return { ...base, type: INT32, raw: new Uint8Array(buffer) };
  }
  switch (dtype) {
    case "complex64":
      return refuseRow(
        source,
        `weights of its layers must be floats: ${
          cleanText(name, { length: 80 })
        } is complex`,
      );
    case "int32":
      return { ...base, type: INT32, raw: bytes };
    case "bool":
      return { ...base, type: BOOL, raw: bytes };
    default: {
      const { buffer } = decodeWeight(bytes, declared);
      return { ...base, type: FLOAT32, raw: new Uint8Array(buffer) };
    }
  }
}

/** Names that come out of the graph, unless it says them: what nobody reads. */
function findOutputs(nodes: readonly GraphNode[]): string[] {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs.map(ownerOf)));
  return nodes.filter(({ name, operator }) =>
    operator !== "NoOp" && !read.has(name)
  ).map(({ name }) => name);
}

/** The constants of the file, by the names of their nodes. */
function findConstants(
  nodes: readonly GraphNode[],
  stored: ReadonlyMap<string, Stored>,
  source: string,
): Map<string, Stored> {
  const constants = new Map<string, Stored>();
  for (const { name, operator } of nodes) {
    if (operator !== "Const") continue;
    const found = stored.get(name);
    if (!found) {
      throw new SyntaxError(
        `Cannot load ${source}: its weights must hold ${
          cleanText(name, { length: 80 })
        }: there is none of that name; convert the model anew`,
      );
    }
    constants.set(name, found);
  }
  return constants;
}

/** A GraphModel, said in ONNX' words: images keep their channels last, or first. */
function translateGraph(
  { nodes, inputs, outputs }: GraphModel,
  stored: ReadonlyMap<string, Stored>,
  source: string,
): OnnxModel {
  const named = outputs ?? findOutputs(nodes);
  const live = sortNodes(findLive(nodes, named));
  const constants = findConstants(live, stored, source);
  const depending = new Set<string>();
  const translated: Node[] = [];
  const isChannelsLast = !live.some(isChannelsFirst);
  const model: OnnxModel = {
    opset: OPSET,
    isChannelsLast,
    nodes: translated,
    tensors: new Map(
      constants.entries().map((
        [name, each],
      ) => [name, storeTensor(name, each, source)]),
    ),
    inputs: [],
    outputs: named.map((name) => ({
      name,
      type: 0,
      shape: undefined,
    })),
  };
  const depends = (name: string) => depending.has(ownerOf(name));
  for (const node of live) {
    const { name, operator, attributes, label } = node;
    if (operator === "Const" || operator === "NoOp") continue;
    if (operator === "Placeholder") {
      const type = parseType(attributes.dtype);
      const { shape } = isRecord(attributes.shape) ? attributes.shape : {};
      model.inputs.push({
        name,
        // tfjs has no smaller whole numbers: pixels of 0 to 255 all the same.
        type: type === INT32 ? UINT8 : type,
        shape: parseShape(shape, source) ?? inputs.get(name),
      });
      depending.add(name);
      continue;
    }
    if (operator !== "Shape" && node.inputs.some(depends)) depending.add(name);
    const [first] = node.inputs;
    const constant = constants.get(first);
    if (constant && ALIASES.includes(operator)) constants.set(name, constant);
    translated.push(...translateOperator({
      node,
      isChannelsLast,
      depends,
      shapeOf: (name) => constants.get(name)?.declared.shape,
      numbersOf: (name) => fewNumbers(constants.get(name)),
      refuse: (rule) => refuseRow(source, `${label} must ${rule}`),
    }));
  }
  return model;
}

/** A GraphModel, parsed, with all that belongs to it. */
interface GraphFile {
  /** What errors call it. */
  source: string;
  /** What it is called without its ending. */
  name: string;
  graph: GraphModel;
  stored: ReadonlyMap<string, Stored>;
  json: Uint8Array<ArrayBuffer>;
  data: Uint8Array<ArrayBuffer>;
}

async function readGraphModel(json: ModelJson): Promise<GraphFile> {
  const { source, description } = json;
  const graph = parseGraphModel(description, source);
  const manifested = parseWeightsManifest(description.weightsManifest, source, {
    isGraph: true,
  });
  const { declared } = manifested;
  const data = await readWeightData(json, manifested);
  const stored = new Map<string, Stored>();
  cutBytes(data, declared, source).forEach((bytes, place) => {
    const { name } = declared[place];
    if (stored.has(name)) {
      throw new SyntaxError(
        `Cannot load ${source}: each weight must be there once: ${name} is there twice; convert the model anew`,
      );
    }
    stored.set(name, { declared: declared[place], bytes });
  });
  const name = cleanText(
    source.split("/").at(-1)?.replace(/\.json$/i, "") || "graph",
    { length: 60 },
  );
  return { source, name, graph, stored, json: json.bytes, data };
}

/** The row of layers that a file is; throws where it is none. */
async function lowerGraphModel(
  { source, name, graph, stored, json, data }: GraphFile,
  { pixels }: { pixels?: PixelScale },
): Promise<LoadedModel> {
  const lowered = lowerGraph(
    translateGraph(graph, stored, source),
    { name, source, size: json.length + data.length, pixels },
  );
  return {
    kind: "row",
    ...lowered,
    format: "tfjs-graph-model",
    bytes: data.length,
    sha256: await hashModel([json, data], pixels, lowered.ends),
    ...pixels && { pixels },
  };
}

/** What a file is as a black box, being no row for a `reason`; or why it can't be one. */
async function boxGraphModel(
  { source, name, graph, stored, json, data }: GraphFile,
  { pixels }: { pixels?: PixelScale },
  reason: string,
): Promise<DescribedBox | string> {
  const files = [
    { name: "model.json", content: json },
    { name: "weights.bin", content: data },
  ];
  const parts = describeGraph(
    graph,
    { outputs: graph.outputs ?? findOutputs(graph.nodes), pixels },
    {
      weightOf: (name) => stored.get(name)?.declared,
      numbersOf: (name) => fewNumbers(stored.get(name)),
    },
    source,
  );
  if (typeof parts === "string") return parts;
  return {
    kind: "box",
    name,
    source,
    format: "tfjs-graph-model",
    bytes: json.length + data.length,
    parameters: stored.values().reduce(
      (sum, { declared: { dtype, shape, isWhole } }) =>
        sum + (isWhole || WHOLE.includes(dtype) ? 0 : product(shape)),
      0,
    ),
    reason,
    sha256: await hashBox(files, parts.pixels),
    files,
    ...parts,
  };
}

/**
 * Loads a tfjs GraphModel, of which the JSON is open, as a row of our layers: what
 * TensorFlow's converter writes of a convolutional or dense network. `pixels` says what it
 * was made to read, where it doesn't say it itself.
 *
 * Nothing in it is trusted and no code of it is run: weights must lie in the folder
 * itself, fill their files exactly and be finite, and what its operators say is read, or
 * known to change nothing, or refused with the node's name. Throws `Deno.errors.NotFound`
 * for a missing file, a `SyntaxError` for what is no such model, a `TypeError` for what is
 * no regular file, and a `RangeError` where counts are out of range.
 */
export async function loadGraphModel(
  json: ModelJson,
  { pixels }: { pixels?: PixelScale } = {},
): Promise<LoadedModel> {
  const file = await readGraphModel(json);
  return await rowOnly(
    () => lowerGraphModel(file, { pixels }),
    (reason) => boxGraphModel(file, { pixels }, reason),
  );
}

/**
 * Loads a tfjs GraphModel as {@linkcode loadGraphModel} does, or, where it is no row of
 * our layers but reads images and gives a number a class, as a black box. Throws what
 * `loadGraphModel` throws where it is neither.
 */
export async function describeGraphModel(
  json: ModelJson,
  { pixels }: { pixels?: PixelScale } = {},
): Promise<LoadedModel | DescribedBox> {
  const file = await readGraphModel(json);
  return await rowOrBox(
    () => lowerGraphModel(file, { pixels }),
    (reason) => boxGraphModel(file, { pixels }, reason),
  );
}
