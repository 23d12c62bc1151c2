import type { FloatArray } from "../files/safetensors.ts";
import { decodeTensor } from "../infer/decode_tensor.ts";
import type { EncodedModel } from "../infer/encoded_tensor.ts";
import { modelCost } from "../models/cost.ts";
import { LEAK } from "../models/layers/activation.ts";
import { type ActivationFields, product } from "../models/layers/layer.ts";
import { poolWindows } from "../models/layers/pools.ts";
import { type AxisWindows, windowSpans } from "../models/layers/window_span.ts";
import { halfOf, isInteger, mostOf } from "../models/integer.ts";
import type { LayerSpec, ModelSpec } from "../models/spec.ts";
import type { Exported } from "./exporter.ts";
import { permute } from "../files/permute.ts";

// Protobuf and the fields of onnx.proto, as far as a feed-forward network needs them.

/** IR version and operators' version: the oldest of today's runtimes reads both. */
const [IR_VERSION, OPSET] = [8, 13];
/** TensorProto.DataType.FLOAT, AttributeProto.AttributeType.INTS, INT and FLOAT. */
const [FLOAT, INTS, INT, FLOAT_ATTRIBUTE] = [1, 7, 2, 1];

function varint(value: number): number[] {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) {
    bytes.push(value % 128 + 128);
  }
  return [...bytes, value];
}

/** Parts of a message, one behind the other. */
function join(...parts: (Uint8Array | number[])[]): Uint8Array<ArrayBuffer> {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Field `number` of a message: an integer, a text, or bytes such as another message. */
function field(
  number: number,
  value: number | string | Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (typeof value === "number") return join(varint(number * 8), varint(value));
  const body = typeof value === "string"
    ? new TextEncoder().encode(value)
    : value;
  return join(varint(number * 8 + 2), varint(body.length), body);
}

/** A ValueInfoProto: a name and a shape of float32; an extent without a number has a name. */
function valueInfo(
  name: string,
  shape: readonly (number | string)[],
): Uint8Array {
  const dimensions = shape.map((extent) =>
    field(1, field(typeof extent === "number" ? 1 : 2, extent))
  );
  const tensor = join(field(1, FLOAT), field(2, join(...dimensions)));
  return join(field(1, name), field(2, field(1, tensor)));
}

/** Field `number` of a message: a float32. */
function floatField(number: number, value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return join(varint(number * 8 + 5), bytes);
}

/** An integer, several, or a float32. */
type Attribute = number | number[] | { float: number };

/** An AttributeProto. */
function attribute(name: string, value: Attribute): Uint8Array {
  if (typeof value === "number") {
    return join(field(1, name), field(3, value), field(20, INT));
  }
  return Array.isArray(value)
    ? join(
      field(1, name),
      ...value.map((each) => field(8, each)),
      field(20, INTS),
    )
    : join(
      field(1, name),
      floatField(2, value.float),
      field(20, FLOAT_ATTRIBUTE),
    );
}

/** A NodeProto. */
function node(
  operator: string,
  inputs: string[],
  { output, attributes = {} }: {
    output: string;
    attributes?: Record<string, Attribute>;
  },
): Uint8Array {
  return join(
    ...inputs.map((name) => field(1, name)),
    field(2, output),
    field(3, output),
    field(4, operator),
    ...Object.entries(attributes).map(([name, value]) =>
      field(5, attribute(name, value))
    ),
  );
}

/** A TensorProto, its numbers in little endian. */
function tensor(name: string, { shape, values }: FloatArray): Uint8Array {
  const raw = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, index) => raw.setFloat32(4 * index, value, true));
  return join(
    ...shape.map((extent) => field(1, extent)),
    field(2, FLOAT),
    field(8, name),
    field(9, new Uint8Array(raw.buffer)),
  );
}

/** A ModelProto of a graph of these parts. */
function model(
  graph: {
    nodes: Uint8Array[];
    weights?: Uint8Array[];
    inputs: Uint8Array[];
    output: Uint8Array;
  },
  notes: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const { nodes, weights = [], inputs, output } = graph;
  return join(
    field(1, IR_VERSION),
    field(2, "retort"),
    field(
      7,
      join(
        ...nodes.map((each) => field(1, each)),
        field(2, "graph"),
        ...weights.map((each) => field(5, each)),
        ...inputs.map((each) => field(11, each)),
        field(12, output),
      ),
    ),
    field(8, join(field(1, ""), field(2, OPSET))),
    ...Object.entries(notes).map(([key, value]) =>
      field(14, join(field(1, key), field(2, value)))
    ),
  );
}

/** An operator on what came last, and what else it reads. */
interface Following {
  operator: string;
  attributes?: Record<string, Attribute>;
  /** Numbers that it reads. */
  numbers?: readonly number[];
  /** Whether it reads the sums too. */
  sums?: true;
}

/** What follows a layer's sums; nothing for what they are left as. */
function activationOperators(
  { activation, slope = LEAK }: ActivationFields,
): Following[] {
  switch (activation) {
    case "linear":
      return [];
    case "relu":
      return [{ operator: "Relu" }];
    case "leakyRelu":
      return [{
        operator: "LeakyRelu",
        attributes: { alpha: { float: slope } },
      }];
    case "relu6":
      return [{ operator: "Clip", numbers: [0, 6] }];
    case "elu":
      return [{ operator: "Elu" }];
    case "sigmoid":
      return [{ operator: "Sigmoid" }];
    case "tanh":
      return [{ operator: "Tanh" }];
    case "swish":
      return [{ operator: "Sigmoid" }, { operator: "Mul", sums: true }];
    case "round":
      throw new TypeError("a rounding has operators of its own");
    default:
      return activation satisfies never;
  }
}

/** Windows as ONNX has them. */
function configureWindows(windows: readonly AxisWindows[]) {
  return {
    kernel_shape: windows.map(({ size }) => size),
    strides: windows.map(({ stride }) => stride),
    pads: [
      ...windows.map(({ before }) => before),
      ...windows.map(({ after }) => after),
    ],
  };
}

/** An operator for `layer` on images or rows `input`, and its kernel as ONNX has it. */
function operatorOf(
  layer: LayerSpec,
  input: readonly number[],
  { kernel, flattened }: {
    kernel: FloatArray | undefined;
    /** What the rows were before they were flattened, where they were. */
    flattened: readonly number[] | undefined;
  },
): {
  operator: string;
  attributes?: Record<string, Attribute>;
  kernel?: FloatArray;
} | undefined {
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d": {
      const windows = windowSpans(layer, input);
      const dilations = windows.map(({ dilation }) => dilation);
      const attributes = {
        ...configureWindows(windows),
        ...dilations.some((each) => each > 1) && { dilations },
        group: layer.kind === "conv2d" ? 1 : input[2],
      };
      // [height, width, in, out] → [out, in, height, width]; a depthwise kernel,
      // [height, width, channels, 1], → [channels, 1, height, width].
      const order = layer.kind === "conv2d" ? [3, 2, 0, 1] : [2, 3, 0, 1];
      const permuted = kernel && permute(kernel, order);
      if (layer.kind === "conv2d" || !permuted) {
        return { operator: "Conv", attributes, kernel: permuted };
      }
      // One group a channel, each of some outputs.
      const [channels, each, ...window] = permuted.shape;
      const shape = [channels * each, 1, ...window];
      return {
        operator: "Conv",
        attributes,
        kernel: { ...permuted, shape },
      };
    }
    case "maxPool2d":
    case "averagePool2d": {
      const windows = windowSpans(poolWindows(layer), input);
      return {
        operator: layer.kind === "maxPool2d" ? "MaxPool" : "AveragePool",
        attributes: configureWindows(windows),
      };
    }
    case "globalMaxPool2d":
      return { operator: "GlobalMaxPool" };
    case "globalAveragePool2d":
      return { operator: "GlobalAveragePool" };
    case "flatten":
      return { operator: "Flatten", attributes: { axis: 1 } };
    case "dense": {
      if (!kernel || !flattened) return { operator: "Gemm", kernel };
      // Its rows are in the order of [height, width, channels]; ONNX flattens
      // [channels, height, width].
      const units = kernel.shape[1];
      const rows = permute({ ...kernel, shape: [...flattened, units] }, [
        2,
        0,
        1,
        3,
      ]);
      return { operator: "Gemm", kernel: { ...rows, shape: kernel.shape } };
    }
    case "residual":
      return { operator: "Add" };
    case "dropout":
    case "softmax":
      return undefined;
    default:
      return layer satisfies never;
  }
}

/** A convolution of each channel with ones: sums of windows, or of all places. */
function sumOperator(
  layer: LayerSpec<"averagePool2d" | "globalAveragePool2d">,
  input: readonly number[],
) {
  const [height, width, channels] = input;
  const whole = { size: [height, width] } as const;
  const windows = windowSpans(
    layer.kind === "averagePool2d" ? poolWindows(layer) : whole,
    input,
  );
  const shape = [channels, 1, ...windows.map(({ size }) => size)];
  const values = new Float32Array(product(shape)).fill(1);
  return {
    operator: "Conv",
    attributes: { ...configureWindows(windows), group: channels },
    kernel: { shape, values },
  };
}

/** Whether numbers of an image `[height, width, channels]` lie otherwise channel by channel. */
function isTurned([height, width, channels = 1]: readonly number[]): boolean {
  return channels > 1 && height * width > 1;
}

/** How a network is told in ONNX. */
export interface OnnxOptions {
  /** Images at once; any number unless given. */
  batch?: number;
  /** The layer whose output is wanted; the logits unless given. */
  last?: string;
  /** Texts that the file carries. */
  notes?: Readonly<Record<string, string>>;
}

/**
 * The bytes of an ONNX file of `spec` with `weights`: images `input`
 * `[batch, channels, height, width]` → logits `output`; or whatever the layer called
 * `last` gives, images and flattened ones by channel.
 */
export function writeOnnx(
  spec: ModelSpec,
  weights: readonly FloatArray[],
  { batch, last, notes }: OnnxOptions = {},
): Uint8Array<ArrayBuffer> {
  const { input } = spec;
  const nodes: Uint8Array[] = [];
  const tensors: Uint8Array[] = [];
  const next = weights.values();
  let [name, shape]: [string, readonly number[]] = ["input", input];
  let flattened: readonly number[] | undefined;
  /** Adds an operator on what came last and `others`. */
  const add = (
    operator: string,
    output: string,
    { others = [], attributes }: {
      others?: string[];
      attributes?: Record<string, Attribute>;
    } = {},
  ) => {
    nodes.push(node(operator, [name, ...others], { output, attributes }));
    name = output;
  };
  const named = (
    tensorName: string,
    shape: number[],
    values: Iterable<number>,
  ) => {
    tensors.push(
      tensor(tensorName, { shape, values: Float32Array.from(values) }),
    );
    return tensorName;
  };
  const integer = isInteger(spec.layers);
  if (integer) {
    // The nearest 255ths: the bytes that pixels were.
    add("Mul", "input.scaled", { others: [named("input.255", [], [255])] });
    add("Add", "input.moved", { others: [named("input.half", [], [0.5])] });
    add("Floor", "input.floor");
    add("Clip", "input.bytes", {
      others: [named("input.least", [], [0]), "input.255"],
    });
  }
  /** Adds what a rounding makes of sums, images or rows, the channels of which come first or last. */
  const addRounding = (
    layer: ActivationFields & { name: string },
    sums: string,
    isImage: boolean,
  ) => {
    const most = mostOf(layer);
    const { slope = 0 } = layer;
    const part = (more: number, least: number, greatest: number) => {
      const shifts = [layer.shift ?? 0].flat().map((shift) => shift + more);
      const shape = shifts.length === 1
        ? []
        : [shifts.length, ...isImage ? [1, 1] : []];
      const at = `${layer.name}.round${more}`;
      name = sums;
      add("Add", `${at}.moved`, {
        others: [named(`${at}.half`, shape, shifts.map(halfOf))],
      });
      add("Mul", `${at}.scaled`, {
        others: [named(`${at}.step`, shape, shifts.map((s) => 2 ** -s))],
      });
      add("Floor", `${at}.floor`);
      add("Clip", `${at}.kept`, {
        others: [
          named(`${at}.least`, [], [least]),
          named(`${at}.most`, [], [greatest]),
        ],
      });
      return name;
    };
    const above = part(0, slope === 1 ? -most : 0, most);
    if (slope === 0 || slope === 1) return;
    part(-Math.log2(slope), -most, 0);
    add("Add", `${layer.name}.round`, { others: [above] });
  };
  const costs = modelCost(spec).layers.values();
  let isDone = false;
  /** Adds operators for `layers`, up to the last that is wanted. */
  const addLayers = (layers: readonly LayerSpec[]) => {
    for (const [index, layer] of layers.entries()) {
      if (layer.kind === "flatten" && layer.name !== last) {
        const reader = layers.slice(index + 1)
          .find(({ kind }) => kind !== "dropout");
        // A dense layer's rows are put in ONNX' order; others read ours.
        if (reader?.kind !== "dense" && isTurned(shape)) {
          add("Transpose", `${layer.name}.turned`, {
            attributes: { perm: [0, 2, 3, 1] },
          });
          add("Flatten", layer.name, { attributes: { axis: 1 } });
          shape = costs.next().value?.output ?? shape;
          continue;
        }
      }
      const read = name;
      if (layer.kind === "residual") addLayers(layer.layers);
      const cost = costs.next().value;
      if (isDone || !cost) return;
      const [kernel, bias] = cost.weights.map(() => next.next().value);
      const isSum = (layer.kind === "averagePool2d" ||
        layer.kind === "globalAveragePool2d") &&
        layer.activation !== undefined;
      const found = isSum
        ? sumOperator(layer, shape)
        : operatorOf(layer, shape, { kernel, flattened });
      if (!found) continue;
      const others = kernel
        ? [`${layer.name}.kernel`, `${layer.name}.bias`]
        : [];
      if (found.kernel && bias) {
        tensors.push(tensor(others[0], found.kernel), tensor(others[1], bias));
      }
      if (isSum && found.kernel) {
        others.push(
          named(
            `${layer.name}.kernel`,
            found.kernel.shape,
            found.kernel.values,
          ),
        );
      }
      if (layer.kind === "residual") {
        others.push(
          layer.lift ? `${layer.name}.lifted` : read,
        );
        if (layer.lift) {
          nodes.push(
            node("Mul", [
              read,
              named(`${layer.name}.lift`, [], [2 ** layer.lift]),
            ], {
              output: `${layer.name}.lifted`,
            }),
          );
        }
      }
      add(found.operator, layer.name, {
        others,
        attributes: found.attributes,
      });
      if ("activation" in layer && layer.activation) {
        const { activation, shift } = layer;
        const sums = name;
        if (activation === "round") {
          const isImage = cost.output.length === 3 ||
            layer.kind === "globalAveragePool2d";
          addRounding({ ...layer, activation }, sums, isImage);
        } else if (typeof shift === "number") {
          const step = named(`${layer.name}.step`, [], [2 ** -shift]);
          add("Mul", `${layer.name}.scaled`, { others: [step] });
        } else {for (
            const each of activationOperators({ ...layer, activation })
          ) {
            const { operator, attributes, numbers = [] } = each;
            const output = `${layer.name}.${operator.toLowerCase()}`;
            const others = numbers.map((value) => {
              const number = `${output}.${value}`;
              const values = Float32Array.of(value);
              tensors.push(tensor(number, { shape: [], values }));
              return number;
            });
            if (each.sums) others.push(sums);
            add(operator, output, { others, attributes });
          }}
      }
      if (
        layer.kind === "globalAveragePool2d" ||
        layer.kind === "globalMaxPool2d"
      ) {
        // [n, channels, 1, 1] → [n, channels]
        add("Flatten", `${layer.name}.row`, { attributes: { axis: 1 } });
      }
      if (layer.kind !== "flatten") flattened = undefined;
      else if (shape.length === 3) flattened = shape;
      shape = cost.output;
      isDone = layer.name === last;
      if (isDone) return;
    }
  };
  addLayers(spec.layers);
  add("Identity", "output");
  const [height, width, channels] = input;
  const byChannel = shape.length === 3 ? [shape[2], shape[0], shape[1]] : shape;
  const images = batch ?? "images";
  const graph = {
    nodes,
    weights: tensors,
    inputs: [valueInfo("input", [images, channels, height, width])],
    output: valueInfo("output", [images, ...byChannel]),
  };
  return model(graph, notes);
}

/** The bytes of an ONNX file of the product `y` of `a` and `b`, `[size, size]` each. */
export function writeProductOnnx(size: number): Uint8Array<ArrayBuffer> {
  const shape = [size, size];
  return model({
    nodes: [node("MatMul", ["a", "b"], { output: "y" })],
    inputs: [valueInfo("a", shape), valueInfo("b", shape)],
    output: valueInfo("y", shape),
  });
}

/** `model` as an ONNX file, of any number of images at once. */
export function writeOnnxModel(encoded: EncodedModel): Exported {
  const { spec, labels, tensors } = encoded;
  const content = writeOnnx(spec, tensors.map(decodeTensor), {
    notes: {
      input: `float32 [images, channels, height, width], pixels / 255`,
      output: "logits, before softmax",
      labels: JSON.stringify(labels),
    },
  });
  return { files: [{ name: "", content }] };
}
