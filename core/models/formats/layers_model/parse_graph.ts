import { isRecord, quoteJson } from "../../../files/json.ts";
import { REBUILD } from "../../layers/parse_keras.ts";
import { checkSaved, type SavedLayer, type SavedRow } from "./saved_layer.ts";

/** What a layer that only declares the input may say. */
export const INPUT_KEYS = ["sparse", "ragged"];

/** A saved layer, and the names of those that it reads, in their order. */
interface Node {
  saved: SavedLayer;
  reads: string[];
}

/** A graph, while it is read from its input to its output. */
interface Graph {
  source: string;
  /** Layers that read each layer, by its name. */
  readers: ReadonlyMap<string, Node[]>;
  /** Layers that were come by. */
  passed: Set<string>;
  /** What a layer of it needs and does; of a model within it, its layers. */
  parse(saved: SavedLayer): SavedRow;
}

function refuse(source: string, rule: string): never {
  throw new SyntaxError(`Cannot load ${source}: ${rule}; ${REBUILD}`);
}

/** Name of the layer whose first output `value` is, by Keras 2 and tfjs or by Keras 3. */
function parseReference(value: unknown): string | undefined {
  const history = isRecord(value) && isRecord(value.config)
    ? value.config.keras_history
    : value;
  if (!Array.isArray(history)) return undefined;
  const [name, node, output] = history;
  return typeof name === "string" && node === 0 && output === 0
    ? name
    : undefined;
}

/** Names of the layers that `saved` reads, once. */
function parseReads({ name, entry }: SavedLayer, source: string): string[] {
  const nodes = entry.inbound_nodes ?? [];
  const [node = []] = Array.isArray(nodes) ? nodes : [];
  // Keras 3 calls a layer with arguments; an addition has a list of them.
  const inputs: unknown = isRecord(node) && Array.isArray(node.args)
    ? node.args.flat()
    : node;
  const reads = Array.isArray(inputs) ? inputs.map(parseReference) : [];
  const known = reads.filter((read) => read !== undefined);
  if (
    !Array.isArray(nodes) || nodes.length > 1 || known.length < reads.length
  ) {
    refuse(
      source,
      `layer ${name} must read first outputs of layers, and stand in one place: its inbound_nodes are ${
        quoteJson(entry.inbound_nodes)
      }`,
    );
  }
  return known;
}

/** The one layer that `value`, of `input_layers` or `output_layers`, names. */
function parseEnd(value: unknown, what: string, source: string): string {
  const found = parseReference(value) ??
    (Array.isArray(value) && value.length === 1
      ? parseReference(value[0])
      : undefined);
  if (found !== undefined) return found;
  return refuse(
    source,
    `its topology must have one ${what}: found ${quoteJson(value)}`,
  );
}

/** The sum, of those that read `from`, in which it is a term; and the layer that makes the other. */
function findSum(
  { source, readers }: Graph,
  from: string,
  next: Node[],
): { sum: Node; other: Node } {
  const [sum] = next.filter(({ saved }) => saved.className === "Add");
  const [other] = next.filter((node) => node !== sum);
  if (next.length === 2 && sum && other && sum.reads.length === 2) {
    return { sum, other };
  }
  return refuse(
    source,
    `what ${from} makes must be read by one layer, or by one and a sum of two: ${
      (readers.get(from) ?? []).map(({ saved }) => saved.name).join(", ")
    } read it`,
  );
}

/**
 * The layers from what `from` makes, the first being `first` where several read it, up to
 * the model's output, or to `sum`; and the name of the last.
 */
function followRow(
  graph: Graph,
  from: string,
  { first, sum }: { first?: Node; sum?: Node } = {},
): { row: SavedRow; end: string } {
  const row: SavedRow = [];
  let end = from;
  for (;;) {
    const all = graph.readers.get(end) ?? [];
    const next = first && end === from ? [first] : all;
    if (next.length === 0 || (next.length === 1 && next[0] === sum)) {
      return { row, end };
    }
    if (next.length === 1) {
      const [{ saved, reads }] = next;
      if (reads.length > 1) {
        refuse(
          graph.source,
          `layer ${saved.name} must read one layer, or add what one makes to what that reads: it reads ${
            reads.join(", ")
          }`,
        );
      }
      graph.passed.add(saved.name);
      row.push(...graph.parse(saved));
      end = saved.name;
      continue;
    }
    const { sum: inner, other } = findSum(graph, end, next);
    const held = followRow(graph, end, { first: other, sum: inner });
    if (!inner.reads.includes(held.end)) {
      refuse(
        graph.source,
        `layer ${inner.saved.name} must add what ${end} makes and what comes of it`,
      );
    }
    checkSaved(inner.saved, [], graph.source);
    const { name } = inner.saved;
    graph.passed.add(name);
    row.push({ kind: "residual", name, row: held.row });
    end = name;
  }
}

/**
 * The layers of a saved graph that is a row, in which what some layers make may be
 * added to what they read: residual layers. `config` is the model's, `saved` its layers,
 * each read by `parse`.
 *
 * Throws a `SyntaxError` where it is another graph.
 */
export function parseGraph(
  config: Record<string, unknown>,
  saved: SavedLayer[],
  { source, parse }: Pick<Graph, "source" | "parse">,
): SavedRow {
  const readers = new Map<string, Node[]>(saved.map(({ name }) => [name, []]));
  const unread = new Set(readers.keys());
  for (const layer of saved) {
    // One of two might read the other, and the row never end.
    if (!unread.delete(layer.name)) {
      refuse(
        source,
        `layers must have different names: two are called ${layer.name}`,
      );
    }
    const reads = parseReads(layer, source);
    const node = { saved: layer, reads };
    for (const name of new Set(reads)) {
      const known = readers.get(name);
      if (!known) {
        refuse(
          source,
          `layer ${layer.name} must read a layer: there is no ${name}`,
        );
      }
      known.push(node);
    }
  }
  const input = parseEnd(config.input_layers, "input", source);
  const output = parseEnd(config.output_layers, "output", source);
  const [first] = saved;
  if (first?.name !== input || first.className !== "InputLayer") {
    refuse(source, `its first layer must be its input, ${input}`);
  }
  checkSaved(first, INPUT_KEYS, source);
  const graph: Graph = { source, readers, passed: new Set([input]), parse };
  const { row, end } = followRow(graph, input);
  const stray = saved.find(({ name }) => !graph.passed.has(name));
  if (stray || end !== output) {
    refuse(
      source,
      `its layers must be one row from ${input} to ${output}: ${
        stray?.name ?? end
      } is beside it`,
    );
  }
  return row;
}
