import { isRecord } from "../../../files/json.ts";
import { cleanText } from "../../../text/clean_text.ts";
import type { DescribedBox } from "../black_box.ts";
import {
  CLASSES_RULE,
  findClasses,
  isOneNumber,
  readImageShape,
} from "../box_shapes.ts";
import type { Ending } from "../output_kind.ts";
import { BYTES, type PixelScale } from "../pixel_scale.ts";
import { readsBytes } from "../reads_bytes.ts";
import type { DeclaredWeight } from "../stored_weights.ts";
import {
  ALIASES,
  type GraphModel,
  type GraphNode,
  parseShape,
} from "./parse_graph_model.ts";
import { listFused, parseType } from "./translate_node.ts";

/** ONNX' numbers of types, by which inputs are told. */
const [FLOAT32, INT32] = [1, 6];
const SOFTMAXES = ["Softmax", "LogSoftmax"];
/** What may stand behind a sigmoid besides: what lays numbers anew. */
const LAID = ["Reshape", "Squeeze", "ExpandDims"];

/** What is known of a constant: what is declared of it, and its numbers where they are few. */
export interface Constants {
  weightOf(name: string): DeclaredWeight | undefined;
  numbersOf(name: string): ArrayLike<number> | undefined;
}

/** What of a GraphModel a box is made of. */
type BoxParts = Pick<
  DescribedBox,
  "input" | "classes" | "operators" | "asked" | "ends" | "isCut" | "pixels"
>;

/** Classes that `node` gives, by the numbers it reads: a bias for each, or a product's columns. */
function countClasses(
  { inputs }: GraphNode,
  weightOf: (name: string) => DeclaredWeight | undefined,
): number | undefined {
  const shapes = inputs.flatMap((name) => {
    const weight = weightOf(name);
    return weight ? [weight.shape] : [];
  });
  const bias = shapes.find(({ length }) => length === 1);
  const kernel = shapes.find(({ length }) => length === 2);
  return (bias ?? kernel)?.at(-1);
}

/**
 * What a graph that gives `output` ends in, and what that reads, which is asked for; and
 * the node that makes the numbers: one that has a sigmoid fused to it gives no others.
 */
function findEnd(
  nodes: readonly GraphNode[],
  output: string,
): { asked: string; ends?: "softmax" | "sigmoid"; last?: GraphNode } {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  let at = output;
  let [isLaid, isLog] = [false, false];
  // No further than there are nodes: a graph may turn in a circle.
  for (let step = 0; step < nodes.length; step++) {
    const node = byName.get(at);
    const [read] = node?.inputs ?? [];
    if (!node || read === undefined) break;
    const { operator } = node;
    if (operator === "Sigmoid") {
      return { asked: read, ends: "sigmoid", last: byName.get(read) };
    }
    if (SOFTMAXES.includes(operator) && !isLaid) {
      return { asked: read, ends: "softmax", last: byName.get(read) };
    }
    isLaid ||= LAID.includes(operator);
    isLog ||= operator === "Log";
    if (![...ALIASES, ...LAID, "Log"].includes(operator)) break;
    at = read;
  }
  const last = byName.get(at);
  const isSigmoid = last && !isLog && listFused(last).at(-1) === "Sigmoid";
  return { asked: output, last, ...isSigmoid && { ends: "sigmoid" } };
}

/**
 * What stock tfjs needs to be told of a GraphModel to give logits of images: or why it
 * can't be, in half a sentence. Where the graph ends in a softmax, what that reads is
 * asked for. Where nothing says what pixels it reads, one that scales them down first
 * reads bytes.
 */
export function describeGraph(
  { nodes, inputs, outputShapes }: GraphModel,
  { outputs, pixels }: { outputs: readonly string[]; pixels?: PixelScale },
  { weightOf, numbersOf }: Constants,
  source: string,
): BoxParts | string {
  const fed = nodes.filter(({ operator }) => operator === "Placeholder");
  if (fed.length !== 1) {
    return `its graph must have one input: it has ${fed.length}`;
  }
  const [{ name, attributes }] = fed;
  const type = parseType(attributes.dtype);
  if (type !== FLOAT32 && type !== INT32) {
    return "its input must be floats, or pixels as whole numbers";
  }
  if (type === INT32 && pixels) {
    return "its input is bytes, pixels as they are: leave --pixels out";
  }
  const { shape } = isRecord(attributes.shape) ? attributes.shape : {};
  const input = readImageShape(parseShape(shape, source) ?? inputs.get(name));
  if (typeof input === "string") return input;
  if (outputs.length !== 1) {
    return `its graph must have one output: it has ${outputs.length}`;
  }
  const [output] = outputs;
  const { asked, ends, last } = findEnd(nodes, output);
  const given = outputShapes.get(output);
  const counted = last ? countClasses(last, weightOf) : undefined;
  const found = findClasses(given) ?? findClasses([0, counted ?? 0]);
  const isOne = ends === "sigmoid" && !found &&
    (isOneNumber(given) || counted === 1);
  if (!found && !isOne) {
    return `its signature must say that it gives ${CLASSES_RULE}`;
  }
  const ending: Ending | undefined = isOne
    ? "one sigmoid"
    : ends === "sigmoid"
    ? "sigmoids"
    : ends;
  const operators: Record<string, number> = {};
  for (const { operator } of nodes) {
    const called = cleanText(operator, { length: 60 });
    operators[called] = (operators[called] ?? 0) + 1;
  }
  const isScaled = type === FLOAT32 && readsBytes(
    nodes.map((node) => ({ ...node, outputs: [node.name] })),
    name,
    numbersOf,
  );
  const reads = pixels ?? (isScaled ? BYTES : undefined);
  return {
    input,
    classes: found?.classes ?? 2,
    operators,
    asked,
    ...ending && { ends: ending },
    isCut: asked !== output,
    ...reads && { pixels: reads },
  };
}
