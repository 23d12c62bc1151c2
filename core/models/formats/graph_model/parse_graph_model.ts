import { isRecord, quoteJson } from "../../../files/json.ts";
import { cleanText } from "../../../text/clean_text.ts";
import { refuseRow } from "../refuse_row.ts";

/** An operator's place in the graph. */
export interface GraphNode {
  /** What errors call it, with its operator. */
  label: string;
  name: string;
  operator: string;
  /** What it reads, by the names that {@linkcode parseGraphModel} gives: `x`, or `x:1`. */
  inputs: string[];
  attributes: Readonly<Record<string, unknown>>;
}

/** A GraphModel's JSON, parsed. */
export interface GraphModel {
  /** In any order. */
  nodes: GraphNode[];
  /** Extents of the inputs that a signature names, where a node doesn't say its own. */
  inputs: ReadonlyMap<string, number[] | undefined>;
  /** What the signature says comes out; `undefined` where it says nothing. */
  outputs: string[] | undefined;
  /** Extents of these, as far as it says them. */
  outputShapes: ReadonlyMap<string, number[] | undefined>;
}

/** Operators that hand on what they read. */
export const ALIASES: readonly string[] = [
  ...["Identity", "StopGradient", "Snapshot"],
];
/** Operators that a file may have: a large network has some thousand. */
const MOST_NODES = 16_384;
/** Inputs that each may have. */
const MOST_INPUTS = 4096;
/** Axes that a shape may have. */
const MOST_AXES = 8;
/** Names as TensorFlow lets nodes have them. */
const NAME = /^[A-Za-z0-9.][\w.\\/>-]{0,1023}$/;

function refuse(source: string, rule: string): never {
  throw new SyntaxError(
    `Cannot load ${source}: ${rule}; convert the model anew`,
  );
}

function parseName(value: unknown, what: string, source: string): string {
  if (typeof value === "string" && NAME.test(value)) return value;
  return refuse(
    source,
    `${what} must have a name as TensorFlow has it: found ${quoteJson(value)}`,
  );
}

/**
 * What an input is read of: `x` of `x` and `x:0`, `x:1` of a second output, which may have
 * a name in between. `undefined` where it only says what comes before.
 */
function parseInput(value: unknown, source: string): string | undefined {
  if (typeof value === "string" && value.startsWith("^")) {
    parseName(value.slice(1), "what comes before a node", source);
    return undefined;
  }
  const [name = "", ...more] = typeof value === "string"
    ? value.split(":")
    : [];
  const place = more.at(-1) ?? "0";
  if (name === "" || more.length > 2 || !/^\d{1,4}$/.test(place)) {
    refuse(
      source,
      `inputs must be outputs of nodes: found ${quoteJson(value)}`,
    );
  }
  parseName(name, "what a node reads", source);
  return Number(place) === 0 ? name : `${name}:${Number(place)}`;
}

/**
 * Extents that `{"dim": [{"size": "-1"}]}` says, NaN of what may be any; `undefined` of
 * any rank.
 */
export function parseShape(
  value: unknown,
  source: string,
): number[] | undefined {
  if (!isRecord(value) || value.unknownRank === true) return undefined;
  const { dim = [] } = value;
  if (!Array.isArray(dim) || dim.length > MOST_AXES) {
    refuse(source, `a shape must have at most ${MOST_AXES} axes`);
  }
  return dim.map((each: unknown) => {
    const size = Number(isRecord(each) ? each.size ?? -1 : NaN);
    if (!Number.isSafeInteger(size)) {
      refuse(source, `an extent must be a whole number: ${quoteJson(each)}`);
    }
    return size < 0 ? NaN : size;
  });
}

function parseNode(value: unknown, source: string): GraphNode {
  if (!isRecord(value)) {
    refuse(
      source,
      `each node must have a name and an operator: found ${quoteJson(value)}`,
    );
  }
  const { op, input = [], attr = {} } = value;
  const name = parseName(value.name, "each node", source);
  if (
    typeof op !== "string" || op === "" || !Array.isArray(input) ||
    !isRecord(attr) || input.length > MOST_INPUTS
  ) {
    refuse(
      source,
      `node ${
        cleanText(name, { length: 80 })
      } must have an operator, inputs and attributes: found ${quoteJson(op)}`,
    );
  }
  return {
    label: `node ${cleanText(name, { length: 80 })} (${
      cleanText(op, { length: 60 })
    })`,
    name,
    operator: op,
    inputs: input.flatMap((each) => parseInput(each, source) ?? []),
    attributes: attr,
  };
}

/** Names of what a signature says goes in, or comes out, with its extents. */
function parseSignature(
  said: unknown,
  source: string,
): Map<string, number[] | undefined> {
  const entries = isRecord(said) ? Object.values(said) : [];
  return new Map(entries.flatMap((entry) => {
    if (!isRecord(entry)) return [];
    const name = parseInput(entry.name, source);
    return name === undefined
      ? []
      : [[name, parseShape(entry.tensorShape, source)]];
  }));
}

/**
 * What a tfjs GraphModel says, from its `model.json`, before any weight is read: its
 * operators, what goes in and what comes out.
 *
 * Throws a `SyntaxError` where it is none, and a `RangeError` where it has more parts than
 * any network needs. `source` is what errors call the file.
 */
export function parseGraphModel(
  { modelTopology: topology, signature, userDefinedMetadata, ...more }: Record<
    string,
    unknown
  >,
  source: string,
): GraphModel {
  const said = isRecord(topology) ? topology.node : undefined;
  if (!Array.isArray(said)) {
    refuse(source, "its topology must list nodes");
  }
  if (said.length > MOST_NODES) {
    throw new RangeError(
      `Cannot load ${source}: it must have at most ${MOST_NODES} nodes: it has ${said.length}; simplify the model, and convert it anew`,
    );
  }
  if ((more.modelInitializer ?? null) !== null) {
    refuseRow(source, "it must compute nothing before its first image");
  }
  const metadata = isRecord(userDefinedMetadata) ? userDefinedMetadata : {};
  const { inputs, outputs } = [metadata.signature, signature].find(isRecord) ??
    {};
  const named = parseSignature(outputs, source);
  const nodes = said.map((node) => parseNode(node, source));
  const names = new Set<string>();
  for (const { name, label } of nodes) {
    if (names.has(name)) refuse(source, `${label} must have a name of its own`);
    names.add(name);
  }
  return {
    nodes,
    inputs: parseSignature(inputs, source),
    outputs: named.size > 0 ? [...named.keys()] : undefined,
    outputShapes: named,
  };
}
