import type { RuntimeFile } from "../../../runtimes/serve_runtime.ts";
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
import type { Node, OnnxModel } from "./parse_model.ts";
import { FLOATS, readTensor } from "./read_tensor.ts";

/** Numbers of types in `TensorProto.DataType`. */
const [FLOAT, UINT8, FLOAT16] = [1, 2, 10];
/** Types that weights have: fractions, and bytes that a scale makes weights of. */
const WEIGHT_TYPES = [1, 2, 3, 10, 11, 16];
/** Of these operators the input is logits, or as good. */
const SOFTMAXES = ["Softmax", "LogSoftmax"];
/** What stands behind one: what changes no number, but by rounding, and the logarithm. */
const PASSED = [
  ...["Identity", "Dropout", "QuantizeLinear", "DequantizeLinear", "Log"],
];
/** What may stand behind a sigmoid besides: what lays numbers anew. */
const LAID = ["Reshape", "Squeeze", "Unsqueeze", "Flatten"];
/** Numbers that images may be scaled by: one a channel. */
const MOST_NUMBERS = 256;
/** Since this version a softmax is one axis', the last unless it says another. */
const ONE_AXIS = 13;

/** What of an ONNX file a box is made of. */
export type BoxParts = Pick<
  DescribedBox,
  | "input"
  | "classes"
  | "parameters"
  | "operators"
  | "asked"
  | "ends"
  | "isCut"
  | "files"
  | "pixels"
>;

/** Whether `node` makes probabilities, or their logarithms, of numbers along `axis`. */
function isSoftmaxOf(
  { operator, attributes }: Node,
  { axis, rank, opset }: { axis: number; rank: number; opset: number },
): boolean {
  if (!SOFTMAXES.includes(operator)) return false;
  const said = attributes.get("axis") ?? (opset < ONE_AXIS ? 1 : -1);
  if (typeof said !== "number") return false;
  const own = said < 0 ? said + rank : said;
  return own === axis || opset < ONE_AXIS && own >= 1 && own < axis;
}

/**
 * What a softmax or sigmoid that gives `name`, its last operator, reads; `name` itself
 * where it ends otherwise. Classes go by `axis`, where there are several.
 */
function cutEnd(
  { nodes, tensors, opset }: OnnxModel,
  name: string,
  { axis, rank }: { axis?: number; rank: number },
): { asked: string; ends?: Ending } {
  const makers = new Map(
    nodes.flatMap((node) =>
      node.outputs.map((output) => [output, node] as const)
    ),
  );
  const seen = new Set<string>();
  let isLaid = false;
  for (let at = name; !seen.has(at);) {
    seen.add(at);
    const node = makers.get(at);
    const [read] = node?.inputs ?? [];
    if (!node || !read || tensors.has(read)) break;
    if (node.operator === "Sigmoid") {
      return {
        asked: read,
        ends: axis === undefined ? "one sigmoid" : "sigmoids",
      };
    }
    if (
      axis !== undefined && !isLaid && isSoftmaxOf(node, { axis, rank, opset })
    ) return { asked: read, ends: "softmax" };
    isLaid ||= LAID.includes(node.operator);
    if (![...PASSED, ...LAID].includes(node.operator)) break;
    at = read;
  }
  return { asked: name };
}

/** The numbers of a weight or of a constant's node, where they are few. */
function fewNumbers(
  { nodes, tensors }: OnnxModel,
  source: string,
): (name: string) => ArrayLike<number> | undefined {
  const constants = new Map(
    nodes.flatMap(({ operator, outputs, attributes }) =>
      operator === "Constant" && outputs.length === 1
        ? [[outputs[0], attributes.get("value")] as const]
        : []
    ),
  );
  return (name) => {
    const stored = tensors.get(name) ?? constants.get(name);
    if (
      !stored || typeof stored !== "object" || !("typed" in stored) ||
      !FLOATS.includes(stored.type) ||
      stored.shape.reduce((a, b) => a * b, 1) > MOST_NUMBERS
    ) return undefined;
    const budget = { left: MOST_NUMBERS };
    return readTensor(stored, { source, budget }).values;
  };
}

/** Protobuf's varint. */
function varint(value: number): number[] {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) {
    bytes.push(value % 128 + 128);
  }
  return [...bytes, value];
}

/** A field of a message: a message, or a text. */
function field(number: number, body: readonly number[]): number[] {
  return [...varint(number * 8 + 2), ...varint(body.length), ...body];
}

/**
 * `bytes`, an ONNX file, with the output `name`, of `type`, beside its own. Two messages
 * one behind the other are one, whose lists are those of both: what stands here is a
 * model with a graph with an output, and nothing else.
 */
function addOutput(
  bytes: Uint8Array<ArrayBuffer>,
  { name, type }: { name: string; type: number },
): Uint8Array<ArrayBuffer> {
  const tensor = field(1, [8, type]); // TypeProto.tensor_type.elem_type
  const info = [
    ...field(1, [...new TextEncoder().encode(name)]),
    ...field(2, tensor),
  ];
  const added = field(7, field(12, info)); // ModelProto.graph.output
  const whole = new Uint8Array(bytes.length + added.length);
  whole.set(bytes);
  whole.set(added, bytes.length);
  return whole;
}

/**
 * What its runtime needs to be told of an ONNX file, `files` being it and those beside it,
 * to give logits of images: or why it can't be, in a sentence's second half.
 *
 * Where the graph ends in a softmax, what that reads becomes an output, and is asked for.
 * Where nothing says what pixels it reads, one that scales them down first reads bytes.
 */
export function describeBox(
  model: OnnxModel,
  [file, ...beside]: readonly RuntimeFile[],
  { pixels, source }: { pixels?: PixelScale; source: string },
): BoxParts | string {
  const { nodes, tensors, inputs, outputs } = model;
  const fed = inputs.filter(({ name }) => !tensors.has(name));
  if (fed.length !== 1) {
    return `its graph must have one input: it has ${fed.length}`;
  }
  const [{ name, type, shape }] = fed;
  if (type !== FLOAT && type !== FLOAT16 && type !== UINT8) {
    return `its input must be floats of 32 or 16 bits, or bytes: its type is ${type}; export the model anew, with floats as its input`;
  }
  if (type === UINT8 && pixels) {
    return "its input is bytes, pixels as they are: leave --pixels out";
  }
  const input = readImageShape(shape);
  if (typeof input === "string") return input;
  const floats = outputs.filter(({ type }) =>
    type === FLOAT || type === FLOAT16
  );
  const rows = floats.flatMap(
    (output) => {
      const found = findClasses(output.shape);
      const rank = output.shape?.length ?? 0;
      const end = cutEnd(model, output.name, { axis: found?.axis, rank });
      if (found) return [{ output, classes: found.classes, ...end }];
      return isOneNumber(output.shape) && end.ends === "one sigmoid"
        ? [{ output, classes: 2, ...end }]
        : [];
    },
  );
  if (rows.length !== 1) {
    return `one of its outputs must be ${CLASSES_RULE}, floats of 32 or 16 bits: of ${outputs.length}, ${rows.length} are`;
  }
  const [{ output, classes, asked, ends }] = rows;
  const operators: Record<string, number> = {};
  for (const { operator } of nodes) {
    const called = cleanText(operator, { length: 60 });
    operators[called] = (operators[called] ?? 0) + 1;
  }
  let parameters = 0;
  for (const tensor of tensors.values()) {
    if (!WEIGHT_TYPES.includes(tensor.type)) continue;
    parameters += tensor.shape.reduce((a, b) => a * b, 1);
  }
  if (!Number.isSafeInteger(parameters) || parameters < 0) {
    return `its weights must be of some size: they have ${parameters} numbers`;
  }
  const isScaled = type !== UINT8 &&
    readsBytes(nodes, name, fewNumbers(model, source));
  const reads = pixels ?? (isScaled ? BYTES : undefined);
  const isOutput = outputs.some(({ name }) => name === asked);
  return {
    input,
    classes,
    parameters,
    operators,
    asked,
    ...ends && { ends },
    isCut: asked !== output.name,
    ...reads && { pixels: reads },
    files: [
      isOutput ? file : {
        ...file,
        content: addOutput(file.content, {
          name: asked,
          type: output.type,
        }),
      },
      ...beside,
    ],
  };
}
