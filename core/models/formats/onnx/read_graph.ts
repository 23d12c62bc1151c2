import { cleanText } from "../../../text/clean_text.ts";
import { checkFinite } from "../../../files/safetensors.ts";
import { refuseRow } from "../refuse_row.ts";
import type { ForeignRow, RowStep } from "../row.ts";
import {
  type Axis,
  CHANNELS_FIRST,
  CHANNELS_LAST,
  claimImage,
  dimOf,
  type Dims,
  extentOf,
  roleExtent,
} from "./axes.ts";
import { BATCH, computeConstant } from "./fold_constants.ts";
import { asRow, type Operand, readOperator, type Value } from "./operators.ts";
import {
  MOST_AXES,
  type Node,
  type OnnxModel,
  type ValueInfo,
} from "./parse_model.ts";
import { type Budget, readTensor, takeNumbers } from "./read_tensor.ts";

/** What is read of a graph. */
export interface ReadGraph {
  row: ForeignRow;
  /** Whether its input is bytes: pixels of 0 to 255. */
  readsBytes: boolean;
  /** Bytes that its weights take in the file. */
  bytes: number;
}

/** Pixels that an input may have along an axis; a row of them may be an image's. */
const MOST_EXTENT = 2 ** 24;
/** Types that an input may have: floats of 32, 16 and 64 bits, and bytes. */
const INPUT_TYPES = [1, 10, 11, 2];
const UINT8 = 2;

/** The model's input, and its axes, which what reads them says the names of. */
class Input {
  readonly value: Value;
  readonly batch: number;
  /** As they are now: a row may have been cut. */
  #dims: Dims;

  constructor(
    { name, shape, type }: ValueInfo,
    readonly source: string,
    readonly isChannelsLast: boolean,
  ) {
    const called = cleanText(name, { length: 80 });
    if (!INPUT_TYPES.includes(type)) {
      refuseRow(
        source,
        `its input ${called} must be floats, or pixels as bytes: its type is ${type}`,
      );
    }
    const [batch, ...extents] = shape ?? [];
    if (extents.length < 1 || extents.length > 3) {
      refuseRow(
        source,
        `its input ${called} must be [n, pixels], [n, h, w], or an image with its channels: it has ${
          shape ? `${shape.length} axes` : "no shape"
        }`,
      );
    }
    for (const extent of extents) {
      if (Number.isInteger(extent) && extent >= 1 && extent <= MOST_EXTENT) {
        continue;
      }
      refuseRow(
        source,
        `an extent of its input ${called} must be a number from 1 to ${MOST_EXTENT}: found ${
          Number.isNaN(extent) ? "none" : extent
        }; give it one size`,
      );
    }
    this.batch = batch >= 1 ? batch : BATCH;
    this.#dims = extents.map((extent) => dimOf({ extent }));
    this.value = {
      kind: "value",
      steps: [],
      dims: this.#dims,
      isImage: extents.length > 1,
      depth: 0,
    };
    if (isChannelsLast) this.claim();
  }

  /** Makes an image's axes of a row's, before a layer has read them. */
  cut(axis: Axis, first: number): [Axis, Axis] | undefined {
    if (this.value.isImage || axis.role) return undefined;
    const place = this.#dims.findIndex(([own]) => own === axis);
    if (place === -1) return undefined;
    const parts: [Axis, Axis] = [
      { extent: first },
      { extent: axis.extent / first },
    ];
    this.#dims = this.#dims.toSpliced(place, 1, [parts[0]], [parts[1]]);
    return parts;
  }

  /** Which axes are which, where no layer has said it: as pictures mostly lie. */
  claim(): void {
    const dims = this.#dims;
    const few = (dim: readonly Axis[]) => [1, 3, 4].includes(extentOf(dim));
    if (dims.length === 2) claimImage(dims, ["height", "width"]);
    if (dims.length !== 3) return;
    const isLast = this.isChannelsLast || (few(dims[2]) && !few(dims[0]));
    claimImage(dims, isLast ? CHANNELS_LAST : CHANNELS_FIRST);
  }

  /** Its shape as ours: an image, or a row of pixels. */
  shape(): number[] {
    const dims = this.#dims;
    if (!this.value.isImage && dims.length === 1) return dims.map(extentOf);
    if (dims.flat().some(({ role }) => !role)) this.claim();
    if (dims.flat().some(({ role }) => !role)) {
      refuseRow(
        this.source,
        `its input must be an image: it is cut into ${dims.length} axes`,
      );
    }
    return (["height", "width", "channels"] as const).map((role) =>
      roleExtent(dims, role)
    );
  }
}

/** Throws unless each node reads what is there before it, and each name is given once. */
function checkOrder(
  { nodes, tensors, inputs }: OnnxModel,
  source: string,
): void {
  const known = new Set([...tensors.keys(), ...inputs.map(({ name }) => name)]);
  for (const { label, inputs, outputs } of nodes) {
    const missing = inputs.find((name) => name !== "" && !known.has(name));
    if (missing !== undefined) {
      refuseRow(
        source,
        `${label} must read what is there before it: ${
          cleanText(missing, { length: 80 })
        } isn't, or is made of its own output`,
      );
    }
    for (const name of outputs) {
      if (name === "") continue;
      if (known.has(name)) {
        refuseRow(
          source,
          `${label} must give a name of its own: ${
            cleanText(name, { length: 80 })
          } is there already`,
        );
      }
      known.add(name);
    }
  }
}

/** The nodes that `output` depends on, in their order. */
function findLive(nodes: readonly Node[], output: string): Node[] {
  const wanted = new Set([output]);
  const live: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue;
    live.push(node);
    for (const name of node.inputs) if (name !== "") wanted.add(name);
  }
  return live.reverse();
}

/**
 * What a node's layer is to be called: as its kernel, `conv1` of `conv1.weight`; or as the
 * node, `conv1` of `/conv1/Conv`.
 */
function nameLayer({ name, operator, inputs }: Node): string {
  const kernel = /^(.+)\.weight$/.exec(inputs[1] ?? "")?.[1];
  const [, scoped] = /^\/(?:.*\/)?([^/]+)\/[^/]+$/.exec(name) ?? [];
  const words = (kernel ?? scoped ?? name)
    .replace(/[^\w-]+/g, "_").replace(/^_+|_+$/g, "");
  const kind = operator.toLowerCase().replace(/\W+/g, "_");
  return /^\d/.test(words) || words === ""
    ? `${kind}${words && `_${words}`}`.slice(0, 60)
    : words.slice(-60);
}

/** Steps from the input to `value`. */
function collectSteps(value: Value): RowStep[] {
  const path: (readonly RowStep[])[] = [];
  for (let at: Value | undefined = value; at; at = at.parent) {
    path.push(at.steps);
  }
  return path.reverse().flat();
}

/**
 * The row of steps that a graph computes, in our layout: an image's channels last, and a
 * dense layer's rows in that order where an image was flattened. Channels first or last,
 * the graph says it by what reads the input.
 *
 * Throws a `SyntaxError`, which names the node, where it is no such row, and a
 * `RangeError` where its layers would hold more numbers than `budget` has left.
 */
export function readGraph(
  model: OnnxModel,
  { name, source, budget }: { name: string; source: string; budget: Budget },
): ReadGraph {
  checkOrder(model, source);
  const { tensors, nodes, opset } = model;
  const [output, ...more] = model.outputs;
  if (!output || more.length > 0) {
    refuseRow(
      source,
      `its graph must have one output: it has ${
        model.outputs.map(({ name }) => cleanText(name, { length: 40 }))
          .slice(0, 5).join(", ") || "none"
      }`,
    );
  }
  const live = findLive(nodes, output.name);
  const read = new Set(live.flatMap(({ inputs }) => inputs));
  const inputs = model.inputs.filter(({ name }) =>
    !tensors.has(name) && read.has(name)
  );
  if (inputs.length !== 1) {
    refuseRow(
      source,
      `its graph must have one input: its output depends on ${
        inputs.map(({ name }) => cleanText(name, { length: 40 }))
          .slice(0, 5).join(", ") || "none"
      }`,
    );
  }
  const [info] = inputs;
  const input = new Input(info, source, model.isChannelsLast ?? false);
  const values = new Map<string, Operand>([[info.name, input.value]]);
  let bytes = 0;
  const operandOf = (name: string): Operand | undefined => {
    const known = values.get(name);
    const stored = tensors.get(name);
    if (known || !stored) return known;
    const operand: Operand = {
      kind: "constant",
      ...readTensor(stored, { source, budget }),
    };
    values.set(name, operand);
    return operand;
  };
  for (const node of live) {
    const refuseNode = (rule: string): never =>
      refuseRow(source, `${node.label} must ${rule}`);
    const [first] = node.outputs;
    const operands = node.inputs.map((name) =>
      name === "" ? undefined : operandOf(name) ??
        refuseNode(
          `read what Retort reads: ${
            cleanText(name, { length: 80 })
          } is a second output`,
        )
    );
    const constants = operands.flatMap((operand) =>
      operand?.kind === "value" ? [] : [operand]
    );
    const made = constants.length === operands.length
      ? computeConstant({
        node,
        inputs: constants,
        source,
        budget,
        read: (stored) => readTensor(stored, { source, budget }),
        refuse: refuseNode,
      })
      : readOperator({
        node,
        name: nameLayer(node),
        opset,
        operands,
        batch: input.batch,
        cut: (axis, first) => input.cut(axis, first),
        claimInput: () => input.claim(),
        weigh: (constant) => {
          if (constant.isWhole) {
            refuseNode(
              "read floats: what it reads is whole numbers, without the scale that makes weights of them",
            );
          }
          takeNumbers(budget, constant.values.length, source);
          checkFinite(constant.values, {
            name: constant.name || `what ${node.label} reads`,
            source,
          });
          bytes += constant.values.length * constant.bytes;
          return constant;
        },
        take: (count) => takeNumbers(budget, count, source),
        refuse: refuseNode,
      });
    const { length: rank } = "dims" in made ? made.dims : made.shape;
    // Each operator may add some: many would be more than memory holds.
    if (rank > MOST_AXES) refuseNode(`make at most ${MOST_AXES} axes`);
    values.set(first, "kind" in made ? made : { kind: "constant", ...made });
  }
  const last = values.get(output.name);
  if (last?.kind !== "value") {
    return refuseRow(source, "its output must depend on its input");
  }
  const { value, axes } = asRow({ claimInput: () => input.claim() }, last);
  const [, ...others] = last.dims.filter((dim) => dim.length > 0);
  if (axes || others.length > 0) {
    refuseRow(
      source,
      "its output must be one number a class: it is an image's; end it with a dense layer",
    );
  }
  return {
    row: { name, input: input.shape(), steps: collectSteps(value) },
    readsBytes: info.type === UINT8,
    bytes,
  };
}
