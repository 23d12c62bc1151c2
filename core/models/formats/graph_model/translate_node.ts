import { isRecord, quoteJson } from "../../../files/json.ts";
import { findOperator } from "../onnx/find_operator.ts";
import type { Attribute, Node } from "../onnx/parse_model.ts";
import type { GraphNode } from "./parse_graph_model.ts";

/** A node of TensorFlow's that is to be said in ONNX' words. */
export interface Translation {
  node: GraphNode;
  /** Whether all operators of the graph read images channels last. */
  isChannelsLast: boolean;
  /** Shape of the weights or other numbers that are called so. */
  shapeOf(name: string): readonly number[] | undefined;
  /** These numbers, where they lie in the file; `undefined` of what depends on the input. */
  numbersOf(name: string): number[] | undefined;
  /** Whether what is called so depends on the model's input. */
  depends(name: string): boolean;
  /** Throws: which rule the node breaks. */
  refuse(rule: string): never;
  /** Adds an operator of ONNX, and gives the name of what it makes. */
  emit(
    operator: string,
    inputs: readonly string[],
    attributes?: Record<string, Attribute>,
  ): string;
}

/** An operator that is known. */
interface Operator {
  /** Attributes that are read, or change nothing of what a model in use computes. */
  attributes?: readonly string[];
  /** Inputs that it has: so many, or at least so many. */
  inputs?: number | { least: number };
  /** Gives the name of what it makes. */
  translate(translation: Translation): string;
}

/** What an attribute says under one of protobuf's keys: `{"i": "3"}` says 3. */
function saidOf(
  { node: { attributes }, refuse }: Translation,
  name: string,
  key: string,
): unknown {
  const said = Object.hasOwn(attributes, name) ? attributes[name] : {};
  if (isRecord(said)) {
    if (Object.hasOwn(said, key)) return said[key];
    if (Object.keys(said).length === 0) return undefined;
  }
  return refuse(
    `say its ${name} as TensorFlow does: it says ${quoteJson(said)}`,
  );
}

/** A number as protobuf's JSON has it: of 64 bits as a text. */
function toNumber(value: unknown): number {
  return typeof value === "number" || typeof value === "string"
    ? Number(value)
    : NaN;
}

function floatOf(
  translation: Translation,
  name: string,
  usual: number,
): number {
  const said = saidOf(translation, name, "f");
  if (said === undefined) return usual;
  const number = toNumber(said);
  return Number.isFinite(number)
    ? number
    : translation.refuse(`have a finite number as ${name}`);
}

function integerOf(
  translation: Translation,
  name: string,
  usual: number,
): number {
  const said = saidOf(translation, name, "i");
  if (said === undefined) return usual;
  const number = toNumber(said);
  return Number.isSafeInteger(number)
    ? number
    : translation.refuse(`have a whole number as ${name}`);
}

function truthOf(translation: Translation, name: string): boolean {
  const said = saidOf(translation, name, "b") ?? false;
  return typeof said === "boolean"
    ? said
    : translation.refuse(`have true or false as ${name}`);
}

/** Bytes as protobuf's JSON has them, in Base64; or their numbers, as older converters wrote. */
function decodeText(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    return value.every((each) => Number.isInteger(each))
      ? String.fromCharCode(...value.slice(0, 99))
      : undefined;
  }
  if (typeof value !== "string") return undefined;
  try {
    return atob(value);
  } catch {
    return undefined;
  }
}

function wordOf(
  translation: Translation,
  name: string,
  usual: string,
): string {
  const said = saidOf(translation, name, "s");
  if (said === undefined) return usual;
  return decodeText(said) ?? translation.refuse(`have a word as ${name}`);
}

/** The members of a list that an attribute says, of which protobuf leaves out an empty one. */
function listOf(
  translation: Translation,
  name: string,
  key: string,
): unknown[] {
  const list = saidOf(translation, name, "list") ?? {};
  const said = isRecord(list) && Object.keys(list).length > 0 ? list[key] : [];
  return Array.isArray(said) && isRecord(list)
    ? said
    : translation.refuse(`have a list as ${name}`);
}

function integersOf(translation: Translation, name: string): number[] {
  const integers = listOf(translation, name, "i").map(toNumber);
  return integers.every(Number.isSafeInteger)
    ? integers
    : translation.refuse(`have whole numbers as ${name}`);
}

/** Types of numbers as TensorFlow counts them, and as ONNX does. */
const TYPES: Readonly<Record<string, number>> = {
  DT_FLOAT: 1,
  DT_DOUBLE: 11,
  DT_INT32: 6,
  DT_INT64: 7,
  DT_UINT8: 2,
  DT_HALF: 10,
  DT_BFLOAT16: 16,
};
const NUMBERED: Readonly<Record<number, string>> = {
  1: "DT_FLOAT",
  2: "DT_DOUBLE",
  3: "DT_INT32",
  4: "DT_UINT8",
  9: "DT_INT64",
  14: "DT_BFLOAT16",
  19: "DT_HALF",
};

/** ONNX' number of the type that an attribute says; 0 of one that isn't read. */
export function parseType(said: unknown): number {
  const type = isRecord(said) ? said.type : undefined;
  const name = typeof type === "number" ? NUMBERED[type] : String(type);
  return Object.hasOwn(TYPES, name) ? TYPES[name] : 0;
}

/** Whether `node` says that it reads images channels first. */
export function isChannelsFirst({ attributes }: GraphNode): boolean {
  const said = attributes.data_format;
  return isRecord(said) && decodeText(said.s) === "NCHW";
}

const TO_FIRST = { perm: [0, 3, 1, 2] };
const TO_LAST = { perm: [0, 2, 3, 1] };

/** What `operator` makes of an image, which it reads channels first: TensorFlow's lie so, or last. */
function emitOnImage(
  { node, emit }: Translation,
  operator: string,
  [image, ...weights]: readonly string[],
  attributes: Record<string, Attribute> = {},
): string {
  if (isChannelsFirst(node)) {
    return emit(operator, [image, ...weights], attributes);
  }
  const first = emit("Transpose", [image], TO_FIRST);
  return emit(
    "Transpose",
    [emit(operator, [first, ...weights], attributes)],
    TO_LAST,
  );
}

function checkFormat(translation: Translation): void {
  const format = wordOf(translation, "data_format", "NHWC");
  if (format === "NHWC" || format === "NCHW") return;
  translation.refuse(
    `read images, channels last (NHWC) or first (NCHW): its data_format is ${format}`,
  );
}

/** What is said of each axis of an image, as of batch, rows, columns and channels. */
function pickAxes<Item>(
  { node }: Translation,
  [batch, a, b, c]: readonly Item[],
): [batch: Item, rows: Item, columns: Item, channels: Item] {
  return isChannelsFirst(node) ? [batch, b, c, a] : [batch, a, b, c];
}

/** Rows and columns of four numbers, one an axis. */
function extentsOf(
  translation: Translation,
  name: string,
): [number, number] {
  const said = integersOf(translation, name);
  const [batch, rows, columns, channels] = said.length === 0
    ? [1, 1, 1, 1]
    : pickAxes(translation, said);
  if ((said.length > 0 && said.length !== 4) || batch !== 1 || channels !== 1) {
    translation.refuse(
      `go by an image's rows and columns: its ${name} are ${said.join("×")}`,
    );
  }
  return [rows, columns];
}

/** How windows lie, as ONNX says it. */
function windowsOf(translation: Translation): Record<string, Attribute> {
  checkFormat(translation);
  const padding = wordOf(translation, "padding", "");
  const windows = { strides: extentsOf(translation, "strides") };
  switch (padding) {
    case "VALID":
      return { ...windows, auto_pad: "VALID" };
    case "SAME":
      return { ...windows, auto_pad: "SAME_UPPER" };
    case "EXPLICIT": {
      const said = integersOf(translation, "explicit_paddings");
      const pairs = [0, 2, 4, 6].map((at) => said.slice(at, at + 2));
      const [batch, rows, columns, channels] = pickAxes(translation, pairs);
      if (said.length === 8 && [...batch, ...channels].every((x) => !x)) {
        const [[top, bottom], [left, right]] = [rows, columns];
        return { ...windows, pads: [top, left, bottom, right] };
      }
      return translation.refuse(
        `have zeros around an image: its explicit_paddings are ${said.join()}`,
      );
    }
    default:
      return translation.refuse(
        `have a padding of VALID, SAME or EXPLICIT: it has ${
          padding || "none"
        }`,
      );
  }
}

function translateConvolution(
  translation: Translation,
  bias: readonly string[] = [],
): string {
  const { node, emit, shapeOf, depends, refuse } = translation;
  const [image, weights] = node.inputs;
  if (depends(weights)) {
    refuse("have weights as input 2: it reads what layers give");
  }
  const attributes = {
    ...windowsOf(translation),
    dilations: extentsOf(translation, "dilations"),
  };
  if (!/Depthwise/.test(node.operator)) {
    // [height, width, in, out] → [out, in, height, width]
    const kernel = emit("Transpose", [weights], { perm: [3, 2, 0, 1] });
    return emitOnImage(
      translation,
      "Conv",
      [image, kernel, ...bias],
      attributes,
    );
  }
  const shape = shapeOf(weights);
  if (shape?.length !== 4) {
    return refuse("have weights of 4 axes from the file as input 2");
  }
  // [height, width, in, each] → [in · each, 1, height, width]
  const turned = emit("Transpose", [weights], { perm: [2, 3, 0, 1] });
  const kernel = emit("Reshape", [turned], { shape: [-1, 1, 0, 0] });
  return emitOnImage(translation, "Conv", [image, kernel, ...bias], {
    ...attributes,
    group: shape[2],
  });
}

function translatePool(translation: Translation, operator: string): string {
  const { node, refuse } = translation;
  if (wordOf(translation, "padding", "") === "EXPLICIT") {
    refuse("have a padding of VALID or SAME");
  }
  return emitOnImage(translation, operator, node.inputs, {
    ...windowsOf(translation),
    kernel_shape: extentsOf(translation, "ksize"),
  });
}

function translateMatMul({ node, emit, ...rest }: Translation): string {
  const translation = { node, emit, ...rest };
  const [rows, weights] = node.inputs;
  if (truthOf(translation, "transpose_a")) {
    translation.refuse("read its rows as they are: its transpose_a is true");
  }
  const matrix = truthOf(translation, "transpose_b")
    ? emit("Transpose", [weights], { perm: [1, 0] })
    : weights;
  return emit("MatMul", [rows, matrix]);
}

/** Activations by their own operators, which layers also have fused. */
const ACTIVATIONS: Readonly<
  Record<string, (translation: Translation, value: string) => string>
> = {
  Relu: ({ emit }, value) => emit("Relu", [value]),
  Relu6: ({ emit }, value) => emit("Clip", [value], { min: 0, max: 6 }),
  Elu: ({ emit }, value) => emit("Elu", [value]),
  Sigmoid: ({ emit }, value) => emit("Sigmoid", [value]),
  Tanh: ({ emit }, value) => emit("Tanh", [value]),
};

function leak(
  translation: Translation,
  value: string,
  name: string,
): string {
  const alpha = floatOf(translation, name, 0.2);
  return translation.emit("LeakyRelu", [value], { alpha });
}

/** What is fused to a layer, in words, as far as its attributes say it. */
export function listFused(
  { attributes: { fused_ops: said } }: GraphNode,
): (string | undefined)[] {
  const list = isRecord(said) && isRecord(said.list) ? said.list.s : [];
  return Array.isArray(list) ? list.map(decodeText) : [];
}

/** A layer with what is fused to it: a bias, and an activation. */
function fused(
  layer: (translation: Translation, bias: readonly string[]) => string,
): (translation: Translation) => string {
  return (translation) => {
    const { node, emit, refuse } = translation;
    const operators = listOf(translation, "fused_ops", "s").map(decodeText);
    const more = node.inputs.slice(2);
    const biased = operators[0] === "BiasAdd";
    const [activation, ...others] = operators.slice(biased ? 1 : 0);
    const wanted = (biased ? 1 : 0) + (activation === "Prelu" ? 1 : 0);
    if (
      others.length > 0 || more.length !== wanted ||
      integerOf(translation, "num_args", wanted) !== wanted
    ) {
      refuse(
        `have a bias and an activation fused to it, of which tfjs reads no more: it has ${
          operators.join(", ")
        } with ${more.length} inputs`,
      );
    }
    const value = layer(translation, biased ? more.slice(0, 1) : []);
    switch (activation) {
      case undefined:
        return value;
      case "LeakyRelu":
        return leak(translation, value, "leakyrelu_alpha");
      case "Prelu":
        return emit("PRelu", [value, ...more.slice(-1)]);
    }
    return Object.hasOwn(ACTIVATIONS, activation)
      ? ACTIVATIONS[activation](translation, value)
      : refuse(
        `have an activation that Retort has: its fused_ops are ${
          operators.join(", ")
        }`,
      );
  };
}

function translateNormalisation(translation: Translation): string {
  const { node, refuse } = translation;
  checkFormat(translation);
  if (truthOf(translation, "is_training")) {
    refuse("be as in use, not as in training");
  }
  return emitOnImage(translation, "BatchNormalization", node.inputs, {
    // As tfjs has it, where nothing is said.
    epsilon: floatOf(translation, "epsilon", 0.001),
  });
}

function translatePad(translation: Translation): string {
  const { node, emit, numbersOf, refuse } = translation;
  const [image, places, fill] = node.inputs;
  const pads = numbersOf(places) ??
    refuse("have numbers from the file as its paddings");
  const [value = 0] = fill === undefined ? [] : numbersOf(fill) ??
    refuse("have a number from the file around an image");
  const before = pads.filter((_, i) => i % 2 === 0);
  const after = pads.filter((_, i) => i % 2 === 1);
  if (pads.length !== 8 || !translation.isChannelsLast) {
    return emit("Pad", [image], { pads: [...before, ...after], value });
  }
  const turned = (each: number[]) => TO_FIRST.perm.map((axis) => each[axis]);
  return emitOnImage(translation, "Pad", [image], {
    pads: [...turned(before), ...turned(after)],
    value,
  });
}

/** Numbers in `place`, which must lie in the file. */
function numbersAt(
  { node, numbersOf, refuse }: Translation,
  place: number,
  what: string,
): number[] {
  return numbersOf(node.inputs[place]) ??
    refuse(`have numbers from the file as ${what}`);
}

/** A mean or maximum along some axes. */
function reduction(operator: string): Operator {
  return {
    attributes: ["keep_dims"],
    inputs: 2,
    translate: (translation) => {
      const { node, emit } = translation;
      return emit(operator, [node.inputs[0]], {
        axes: numbersAt(translation, 1, "axes"),
        keepdims: truthOf(translation, "keep_dims") ? 1 : 0,
      });
    },
  };
}

/** Throws where what a node reads depends on the input: it is only read of shapes. */
function checkConstant({ node, depends, refuse }: Translation): void {
  if (node.inputs.some(depends)) {
    refuse("reckon shapes, not what layers give: no layer does that");
  }
}

function translateSlice(translation: Translation): string {
  const { node, emit, refuse } = translation;
  checkConstant(translation);
  const mask = (name: string) => integerOf(translation, name, 0);
  if (mask("ellipsis_mask") !== 0 || mask("new_axis_mask") !== 0) {
    refuse("cut a list of numbers");
  }
  const [list, begin, end, steps] = node.inputs;
  if (mask("shrink_axis_mask") !== 0) {
    return emit("Squeeze", [emit("Gather", [list, begin])], { axes: [0] });
  }
  return emit("Slice", [list, begin, end, "", steps], {
    ...mask("begin_mask") !== 0 && { starts: [0] },
    ...mask("end_mask") !== 0 && { ends: [Number.MAX_SAFE_INTEGER] },
  });
}

function translatePack(translation: Translation): string {
  const { node, emit, refuse } = translation;
  checkConstant(translation);
  if (integerOf(translation, "axis", 0) !== 0) refuse("make a list of numbers");
  return emit(
    "Concat",
    node.inputs.map((each) => emit("Unsqueeze", [each], { axes: [0] })),
    { axis: 0 },
  );
}

/** An operator that ONNX has by another name, or by the same. */
function same(operator: string, inputs: Operator["inputs"]): Operator {
  return {
    inputs,
    translate: ({ node, emit }) => emit(operator, node.inputs),
  };
}

/** In use as it is: nothing changes. */
const NOTHING = same("Identity", 1);

const CONVOLUTION = [
  ...["strides", "padding", "data_format", "dilations", "explicit_paddings"],
  "use_cudnn_on_gpu",
];
const FUSED = ["fused_ops", "num_args", "leakyrelu_alpha", "epsilon"];
const POOL = ["ksize", "strides", "padding", "data_format"];
const TRANSPOSES = ["transpose_a", "transpose_b", "grad_a", "grad_b"];
const WITH_HOST = ["num_host_args", "host_args"];

const NORMALISATION: Operator = {
  attributes: [
    ...["epsilon", "data_format", "is_training"],
    "exponential_avg_factor",
  ],
  inputs: 5,
  translate: translateNormalisation,
};
const DEPTHWISE: Operator = {
  attributes: CONVOLUTION,
  inputs: 2,
  translate: (translation) => translateConvolution(translation),
};

/** Operators by TensorFlow's names. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  Conv2D: DEPTHWISE,
  _FusedConv2D: {
    attributes: [...CONVOLUTION, ...FUSED, ...WITH_HOST],
    inputs: { least: 2 },
    translate: fused(translateConvolution),
  },
  DepthwiseConv2dNative: DEPTHWISE,
  FusedDepthwiseConv2dNative: {
    attributes: [...CONVOLUTION, ...FUSED],
    inputs: { least: 2 },
    translate: fused(translateConvolution),
  },
  MatMul: { attributes: TRANSPOSES, inputs: 2, translate: translateMatMul },
  _FusedMatMul: {
    attributes: [...TRANSPOSES, ...FUSED],
    inputs: { least: 2 },
    translate: fused((translation, bias) => {
      const sums = translateMatMul(translation);
      return bias.length === 0
        ? sums
        : translation.emit("Add", [sums, ...bias]);
    }),
  },
  BiasAdd: {
    attributes: ["data_format"],
    inputs: 2,
    translate: (translation) => {
      checkFormat(translation);
      const { node, emit } = translation;
      const [image, bias] = node.inputs;
      return isChannelsFirst(node)
        ? emit("Add", [image, emit("Unsqueeze", [bias], { axes: [1, 2] })])
        : emit("Add", [image, bias]);
    },
  },
  FusedBatchNorm: NORMALISATION,
  FusedBatchNormV2: NORMALISATION,
  FusedBatchNormV3: NORMALISATION,
  ...Object.fromEntries(
    Object.entries(ACTIVATIONS).map(([name, activate]): [string, Operator] => [
      name,
      {
        inputs: 1,
        translate: (translation) =>
          activate(translation, translation.node.inputs[0]),
      },
    ]),
  ),
  LeakyRelu: {
    attributes: ["alpha"],
    inputs: 1,
    translate: (translation) =>
      leak(translation, translation.node.inputs[0], "alpha"),
  },
  Prelu: same("PRelu", 2),
  MaxPool: {
    attributes: [...POOL, "explicit_paddings"],
    inputs: 1,
    translate: (translation) => translatePool(translation, "MaxPool"),
  },
  AvgPool: {
    attributes: POOL,
    inputs: 1,
    translate: (translation) => translatePool(translation, "AveragePool"),
  },
  Mean: reduction("ReduceMean"),
  Max: reduction("ReduceMax"),
  Pad: { inputs: 2, translate: translatePad },
  PadV2: { inputs: 3, translate: translatePad },
  Add: same("Add", 2),
  AddV2: same("Add", 2),
  AddN: { attributes: ["N"], ...same("Sum", 2) },
  Sub: same("Sub", 2),
  Mul: same("Mul", 2),
  RealDiv: same("Div", 2),
  Div: same("Div", 2),
  Neg: same("Neg", 1),
  Maximum: same("Max", 2),
  Minimum: same("Min", 2),
  ClipByValue: same("Clip", 3),
  Sqrt: same("Sqrt", 1),
  Rsqrt: {
    inputs: 1,
    translate: ({ node, emit }) =>
      emit("Reciprocal", [emit("Sqrt", node.inputs)]),
  },
  Reciprocal: same("Reciprocal", 1),
  Softmax: {
    inputs: 1,
    translate: ({ node, emit }) => emit("Softmax", node.inputs, { axis: -1 }),
  },
  LogSoftmax: {
    inputs: 1,
    translate: ({ node, emit }) =>
      emit("LogSoftmax", node.inputs, { axis: -1 }),
  },
  Log: same("Log", 1),
  Reshape: {
    inputs: 2,
    translate: ({ node, emit }) =>
      emit("Reshape", node.inputs, { allowzero: 1 }),
  },
  Squeeze: {
    attributes: ["squeeze_dims", "axis"],
    inputs: 1,
    translate: (translation) => {
      const { node, emit, refuse } = translation;
      const axes = ["squeeze_dims", "axis"].map((name) =>
        integersOf(translation, name)
      ).find(({ length }) => length > 0);
      return emit("Squeeze", node.inputs, {
        axes: axes ?? refuse("say which axes it takes away"),
      });
    },
  },
  ExpandDims: {
    inputs: 2,
    translate: (translation) =>
      translation.emit("Unsqueeze", translation.node.inputs.slice(0, 1), {
        axes: numbersAt(translation, 1, "its axis"),
      }),
  },
  Transpose: {
    inputs: 2,
    translate: (translation) =>
      translation.emit("Transpose", translation.node.inputs.slice(0, 1), {
        perm: numbersAt(translation, 1, "its perm"),
      }),
  },
  Cast: {
    attributes: ["Truncate"],
    inputs: 1,
    translate: ({ node, emit }) =>
      emit("Cast", node.inputs, { to: parseType(node.attributes.DstT) }),
  },
  Shape: same("Shape", 1),
  StridedSlice: {
    attributes: ["begin", "end", "ellipsis", "new_axis", "shrink_axis"]
      .map((name) => `${name}_mask`),
    inputs: 4,
    translate: translateSlice,
  },
  Pack: {
    attributes: ["N", "axis"],
    inputs: { least: 1 },
    translate: translatePack,
  },
  ConcatV2: {
    attributes: ["N"],
    inputs: { least: 2 },
    translate: (translation) => {
      checkConstant(translation);
      const { node, emit } = translation;
      return emit("Concat", node.inputs.slice(0, -1), { axis: 0 });
    },
  },
  GatherV2: {
    attributes: ["batch_dims"],
    inputs: 3,
    translate: (translation) => {
      checkConstant(translation);
      const { node, emit } = translation;
      return emit("Gather", node.inputs.slice(0, 2));
    },
  },
  Prod: {
    attributes: ["keep_dims"],
    inputs: 2,
    translate: (translation) => {
      checkConstant(translation);
      const { node, emit } = translation;
      return emit("ReduceProd", node.inputs.slice(0, 1), {
        keepdims: truthOf(translation, "keep_dims") ? 1 : 0,
      });
    },
  },
  Identity: NOTHING,
  StopGradient: NOTHING,
  PreventGradient: { attributes: ["message"], ...NOTHING },
  CheckNumerics: { attributes: ["message"], ...NOTHING },
  Snapshot: NOTHING,
  PlaceholderWithDefault: { attributes: ["shape"], ...NOTHING },
};

/** Whether an attribute says a type, or what only TensorFlow's own tools read. */
function isIdle(name: string, said: unknown): boolean {
  return name.startsWith("_") || (isRecord(said) && "type" in said);
}

/**
 * Says one operator of TensorFlow in ONNX' words, by `emit`, and gives the name of what it
 * makes. Throws by `refuse` where it isn't known, or says what isn't read.
 */
export function translateNode(translation: Translation): string {
  const { node, refuse } = translation;
  const operator = findOperator(OPERATORS, node.operator, refuse);
  for (const [name, said] of Object.entries(node.attributes)) {
    if (isIdle(name, said) || operator.attributes?.includes(name)) continue;
    refuse(`say no more than is read: it says ${name}`);
  }
  const { inputs = 1 } = operator;
  const { length } = node.inputs;
  if (
    typeof inputs === "number" ? length !== inputs : length < inputs.least
  ) refuse(`have its inputs: it has ${length}`);
  return operator.translate(translation);
}

/** What `node` makes, in ONNX' words: each under the name that others read. */
export function translateOperator(
  translation: Omit<Translation, "emit">,
): Node[] {
  const { node } = translation;
  const nodes: Node[] = [];
  const add = (
    operator: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute>,
    output: string,
  ) =>
    nodes.push({
      label: node.label,
      // What follows the last slash is the operator's; what is before it, the layer's.
      name: `/${node.name}`,
      operator,
      inputs: [...inputs],
      outputs: [output],
      attributes: new Map(Object.entries(attributes)),
    });
  if (node.operator === "IdentityN") {
    node.inputs.forEach((input, place) =>
      add("Identity", [input], {}, place ? `${node.name}:${place}` : node.name)
    );
    return nodes;
  }
  // No name of the file's has a space.
  const made = translateNode({
    ...translation,
    emit: (operator, inputs, attributes = {}) => {
      const output = `${node.name} ${nodes.length}`;
      add(operator, inputs, attributes, output);
      return output;
    },
  });
  add("Identity", [made], {}, node.name);
  return nodes;
}
