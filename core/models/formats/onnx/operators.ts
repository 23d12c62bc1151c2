import type { FloatArray } from "../../../files/safetensors.ts";
import type { Activation, Padding, WindowFields } from "../../layers/layer.ts";
import { product } from "../../layers/layer.ts";
import { windowSpans } from "../../layers/window_span.ts";
import type { RowStep } from "../row.ts";
import {
  type Axis,
  CHANNELS_FIRST,
  CHANNELS_LAST,
  claim,
  claimImage,
  dimOf,
  type Dims,
  extentOf,
  isOwnOrder,
  lieAlike,
  ownOrder,
  reshapeDims,
  roleExtent,
} from "./axes.ts";
import { resolveAxis, unsqueezed } from "./fold_constants.ts";
import { findOperator } from "./find_operator.ts";
import type { Node } from "./parse_model.ts";
import { permute } from "../../../files/permute.ts";
import { type Constant, FLOATS } from "./read_tensor.ts";

/** Numbers as float32, with their shape. */
function toFloatArray(
  { shape, values }: {
    shape: readonly number[];
    values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
  },
): FloatArray {
  return {
    shape: [...shape],
    values: values instanceof Float32Array ? values : Float32Array.from(values),
  };
}

/** Numbers that depend on the input, as steps from those that they are made of. */
export interface Value {
  kind: "value";
  /** What `steps` are done to; none of the input itself. */
  parent?: Value;
  steps: readonly RowStep[];
  /** Its dimensions in the graph, without the batch's. */
  dims: Dims;
  /** Whether the steps give an image, of which `dims` may be in one row; or a row. */
  isImage: boolean;
  /** Residual steps within each other in `steps`. */
  depth: number;
}

/** An input of an operator. */
export type Operand = Value | ({ kind: "constant" } & Constant);

/** An operator that is to be read. */
export interface Reading {
  node: Node;
  /** What its layer is to be called. */
  name: string;
  opset: number;
  /** Its inputs; `undefined` of one that is left out. */
  operands: readonly (Operand | undefined)[];
  /** How many images the graph reads at once; NaN for any. */
  batch: number;
  /** Cuts an axis of the input in two, the first of so many numbers, if it may be. */
  cut(axis: Axis, first: number): [Axis, Axis] | undefined;
  /** Settles which axes of the input are which, where no layer has said it. */
  claimInput(): void;
  /** Says that the layers hold these numbers, which must be finite. */
  weigh(constant: Constant): Constant;
  /** Takes so many numbers that the file doesn't have. */
  take(count: number): void;
  /** Throws: which rule the node breaks. */
  refuse(rule: string): never;
}

/** An operator that is known. */
interface Operator {
  /** Attributes that are read. */
  attributes?: readonly string[];
  /** Inputs that it has at the most: one, unless it says. */
  inputs?: number;
  read(reading: Reading): Value | Constant;
}

/** Residual layers that may lie within each other. */
const MOST_DEPTH = 16;

/** What `steps` make of `parent`, in the shape `dims`. */
function next(
  parent: Value,
  steps: readonly RowStep[],
  more: { dims?: Dims; isImage?: boolean; depth?: number } = {},
): Value {
  const { dims, isImage } = parent;
  return { kind: "value", parent, steps, dims, isImage, depth: 0, ...more };
}

/** The number that an attribute says, or `usual` where it says nothing. */
function numberOf(
  { node, refuse }: Reading,
  name: string,
  usual: number,
): number {
  const said = node.attributes.get(name);
  if (said === undefined) return usual;
  return typeof said === "number" ? said : refuse(`have one number as ${name}`);
}

/** The word that an attribute says. */
function wordOf(
  { node, refuse }: Reading,
  name: string,
  usual: string,
): string {
  const said = node.attributes.get(name);
  if (said === undefined) return usual;
  return typeof said === "string" ? said : refuse(`have a word as ${name}`);
}

/** The numbers that an attribute says; none where it says nothing. */
function numbersOf({ node, refuse }: Reading, name: string): number[] {
  const said = node.attributes.get(name);
  if (said === undefined) return [];
  return Array.isArray(said) ? said : refuse(`have numbers as ${name}`);
}

/** The input in `place`, which must depend on the model's input. */
function valueAt({ operands, refuse }: Reading, place = 0): Value {
  const operand = operands[place];
  return operand?.kind === "value"
    ? operand
    : refuse(`read what layers give as input ${place + 1}`);
}

/** The weights in `place`, which must be there in the file. */
function constantAt(
  reading: Reading,
  place: number,
): Constant | undefined {
  const operand = reading.operands[place];
  if (operand?.kind !== "value") return operand;
  return reading.refuse(
    `have weights as input ${place + 1}: it reads what layers give`,
  );
}

function weightsAt(reading: Reading, place: number): Constant {
  const constant = constantAt(reading, place) ??
    reading.refuse(`have weights as input ${place + 1}: it has none`);
  return reading.weigh(constant);
}

/** Whole numbers that an attribute or, in later versions, an input says. */
function integersAt(
  reading: Reading,
  name: string,
  place: number,
): number[] | undefined {
  const said = numbersOf(reading, name);
  if (said.length > 0) return said;
  const constant = constantAt(reading, place);
  return constant && [...constant.values];
}

/** What was done last to make `value`, as far as numbers weren't only laid anew. */
function lastStep(value: Value): RowStep | undefined {
  let at: Value | undefined = value;
  while (at?.steps.length === 0) at = at.parent;
  return at?.steps.at(-1);
}

/** Steps from `from` to `to`; `undefined` unless `to` is made of it, or is it. */
function stepsBetween(
  from: Value,
  to: Value,
): { steps: RowStep[]; depth: number } | undefined {
  const path: (readonly RowStep[])[] = [];
  let depth = 0;
  for (let at: Value | undefined = to; at; at = at.parent) {
    if (at === from) return { steps: path.reverse().flat(), depth };
    path.push(at.steps);
    depth = Math.max(depth, at.depth);
  }
  return undefined;
}

/** `value` as a row of ours: an image's numbers one behind the other. */
export function asRow(
  { claimInput }: Pick<Reading, "claimInput">,
  value: Value,
): {
  value: Value;
  /** Its axes in the file's order, where that isn't ours. */
  axes?: readonly Axis[];
} {
  const axes = value.dims.flat();
  if (value.isImage && axes.some(({ role }) => !role)) claimInput();
  return {
    value: value.isImage
      ? next(value, [{ kind: "reshape", name: "flatten", shape: [-1] }], {
        isImage: false,
      })
      : value,
    ...!isOwnOrder(axes) && { axes },
  };
}

/** Numbers along a row of `axes`, in our order. */
function toOwnOrder(
  values: Float64Array<ArrayBuffer>,
  axes: readonly Axis[] | undefined,
): Float64Array<ArrayBuffer> {
  if (!axes) return values;
  const shape = axes.map(({ extent }) => extent);
  return permute({ shape, values }, ownOrder(axes)).values;
}

/** y = x · scale + offset, by one number, or one each along the dimension `place`. */
function affine(
  reading: Reading,
  value: Value,
  { place, scale, offset }: {
    place?: number;
    scale: Float64Array<ArrayBuffer>;
    offset: Float64Array<ArrayBuffer>;
  },
): Value {
  const { name, refuse } = reading;
  const step = (
    of: (values: Float64Array<ArrayBuffer>) => Float64Array<ArrayBuffer>,
  ): RowStep => ({
    kind: "affine",
    name,
    axis: -1,
    scale: of(scale),
    offset: of(offset),
  });
  if (place === undefined) return next(value, [step((each) => each)]);
  const { dims } = value;
  // What goes by one axis of an image goes by its channels.
  if (
    value.isImage && dims.length === 3 && claim(dims[place], "channels") &&
    claimImage(dims.toSpliced(place, 1), ["height", "width"])
  ) return next(value, [step((each) => each)]);
  if (dims.some((dim, at) => at !== place && dim.length > 0)) {
    refuse(`go by an image's channels: its input is ${formatDims(dims)}`);
  }
  const { value: row, axes } = asRow(reading, value);
  return next(row, [
    step((each) => toOwnOrder(each, axes)),
  ]);
}

/** "n×64×12×12". */
function formatDims(dims: Dims): string {
  return ["n", ...dims.map(extentOf)].join("×");
}

/** The dimension along which `constant` has a number each; `undefined` where it is one number. */
function placeOf(
  { refuse }: Reading,
  { dims }: Value,
  { shape }: Constant,
): number | undefined {
  const extents = [...Array(dims.length + 1).fill(1), ...shape]
    .slice(-dims.length - 1);
  const places = extents.flatMap((extent, axis) =>
    extent > 1 ? [axis - 1] : []
  );
  const [place, ...more] = places;
  const isLonger = shape.length > dims.length + 1;
  if (!isLonger && product(shape) === 1) return undefined;
  if (
    isLonger || place === undefined || place < 0 || more.length > 0 ||
    extents[place + 1] !== extentOf(dims[place])
  ) {
    refuse(
      `go by one number, or one a channel: ${shape.join("×")} beside ${
        formatDims(dims)
      }`,
    );
  }
  return place;
}

/** A sum, difference, product or quotient with numbers from the file. */
function affineWith(
  of: (x: number) => [scale: number, offset: number],
): (reading: Reading, value: Value, constant: Constant) => Value {
  return (reading, value, constant) => {
    const pairs = Array.from(reading.weigh(constant).values, of);
    return affine(reading, value, {
      place: placeOf(reading, value, constant),
      scale: Float64Array.from(pairs, ([scale]) => scale),
      offset: Float64Array.from(pairs, ([, offset]) => offset),
    });
  };
}

const addConstant = affineWith((x) => [1, x]);
const subtractConstant = affineWith((x) => [1, -x]);
const subtractFrom = affineWith((x) => [-1, x]);
const multiplyConstant = affineWith((x) => [x, 0]);

/** Both inputs, the value first; `isTurned` where the file has the constant first. */
function readPair({ operands: [a, b, ...more], refuse }: Reading):
  | { value: Value; constant: Constant; isTurned: boolean }
  | { values: [Value, Value] } {
  if (!a || !b || more.length > 0) return refuse("have two inputs");
  if (a.kind === "value") {
    return b.kind === "value"
      ? { values: [a, b] }
      : { value: a, constant: b, isTurned: false };
  }
  return b.kind === "value"
    ? { value: b, constant: a, isTurned: true }
    : refuse("read what layers give");
}

/** A sum: with numbers from the file, or of what steps make and what they read. */
function readSum(reading: Reading): Value {
  const { name, refuse } = reading;
  const pair = readPair(reading);
  if ("constant" in pair) {
    return addConstant(reading, pair.value, pair.constant);
  }
  const [a, b] = pair.values;
  if (a.dims.map(extentOf).join() !== b.dims.map(extentOf).join()) {
    refuse(
      `add what has one shape: ${formatDims(a.dims)} and ${formatDims(b.dims)}`,
    );
  }
  const forth = stepsBetween(a, b);
  const found = forth ?? stepsBetween(b, a);
  if (!found) {
    return refuse(
      "add what some layers make to what they read: both come by layers of their own",
    );
  }
  const [read, made] = forth ? [a, b] : [b, a];
  const flat = flattenBefore(reading, read, found.steps);
  const isAlike = flat
    ? !made.isImage && isOwnOrder(made.dims.flat())
    : lieAlike(read.dims, made.dims) && read.isImage === made.isImage;
  if (!isAlike) refuse("add what lies alike: one of both was turned, or cut");
  const { from, steps } = flat ?? { from: read, steps: found.steps };
  const depth = found.depth + 1;
  if (depth > MOST_DEPTH) {
    refuse(`lie in at most ${MOST_DEPTH} sums within each other`);
  }
  if (steps.length === 0) {
    return affine(reading, from, {
      scale: Float64Array.of(2),
      offset: Float64Array.of(0),
    });
  }
  return next(from, [{ kind: "residual", name, steps }], {
    depth,
    ...flat && { dims: made.dims },
  });
}

/**
 * The row that `steps` make first of `from`, an image that lies in one dimension in our
 * order, and what is done to it then; `undefined` of what is no such image.
 */
function flattenBefore(
  reading: Reading,
  from: Value,
  [first, ...steps]: RowStep[],
): { from: Value; steps: RowStep[] } | undefined {
  if (!from.isImage || from.dims.length > 1 || first?.kind !== "reshape") {
    return undefined;
  }
  const { value, axes } = asRow(reading, from);
  return axes ? undefined : { from: value, steps };
}

/** A product: by numbers from the file, or x · sigmoid(x). */
function readProduct(reading: Reading): Value {
  const { name, refuse } = reading;
  const pair = readPair(reading);
  if ("constant" in pair) {
    return multiplyConstant(reading, pair.value, pair.constant);
  }
  const [a, b] = pair.values;
  for (const [from, to] of [[a, b], [b, a]]) {
    const [step, ...more] = stepsBetween(from, to)?.steps ?? [];
    if (
      more.length === 0 && step?.kind === "activation" &&
      step.activation === "sigmoid" && lieAlike(from.dims, to.dims)
    ) return next(from, [{ kind: "activation", name, activation: "swish" }]);
  }
  return refuse(
    "multiply by numbers from the file, or x by sigmoid(x): it multiplies what layers give",
  );
}

function activate(
  { name }: Reading,
  value: Value,
  { activation, slope }: { activation: Activation; slope?: number },
): Value {
  return next(value, [{
    kind: "activation",
    name,
    activation,
    ...slope !== undefined && { slope },
  }]);
}

/** An activation of the first input. */
function activation(activation: Activation): Operator {
  return {
    read: (reading) => activate(reading, valueAt(reading), { activation }),
  };
}

/** A leaky relu of a slope above 0 and below 1, which our layers have. */
function leak(reading: Reading, slope: number): Value {
  const value = valueAt(reading);
  if (slope === 0) return activate(reading, value, { activation: "relu" });
  if (!(slope > 0 && slope < 1)) {
    reading.refuse(`have a slope above 0 and below 1: it has ${slope}`);
  }
  return activate(reading, value, { activation: "leakyRelu", slope });
}

/** Rows and columns that an attribute says, `usual` where it says nothing. */
function extentsOf(
  reading: Reading,
  name: string,
  usual: number,
): [number, number] {
  const said = numbersOf(reading, name);
  if (said.length === 0) return [usual, usual];
  const [rows, columns] = said;
  return said.length === 2 ? [rows, columns] : reading.refuse(
    `have rows and columns: its ${name} says ${said.length} numbers`,
  );
}

/** As few words as say it: one number of what is square. */
const extentWord = ([rows, columns]: [number, number]) =>
  rows === columns ? rows : [rows, columns] as const;

/** Reads an image, channels first as ONNX has it. */
function readsImage(reading: Reading, value: Value): [number, number] {
  const { dims, isImage } = value;
  // A row's numbers lie in our order, which no image of the file's is cut from.
  const isPlace = isImage || dims.flat().length <= 1;
  if (!isPlace || !claimImage(dims, CHANNELS_FIRST)) {
    reading.refuse(
      `read [n, channels, height, width], rows before columns: its input is ${
        formatDims(dims)
      }`,
    );
  }
  return [extentOf(dims[1]), extentOf(dims[2])];
}

/** Windows as ONNX says them, and how many there are. */
interface Windows {
  size: [number, number];
  stride: [number, number];
  dilation: [number, number];
  /** Above, below, left and right of the image. */
  frame: [number, number, number, number];
  counts: [number, number];
  /** Whether the last windows reach beyond the frame. */
  isCeiled: boolean;
}

function readWindows(
  reading: Reading,
  image: [number, number],
  size: [number, number],
): Windows {
  const { refuse } = reading;
  const stride = extentsOf(reading, "strides", 1);
  const dilation = extentsOf(reading, "dilations", 1);
  const autoPad = wordOf(reading, "auto_pad", "NOTSET");
  const pads = numbersOf(reading, "pads");
  const said = pads.length === 0 ? [0, 0, 0, 0] : pads;
  if (
    said.length !== 4 ||
    !said.every((each) => Number.isSafeInteger(each) && each >= 0)
  ) refuse(`have four pads of 0 or more: they are ${said.join()}`);
  for (const each of [...size, ...stride, ...dilation]) {
    if (!(Number.isSafeInteger(each) && each >= 1)) {
      refuse(
        `have windows, strides and dilations of at least 1: found ${each}`,
      );
    }
  }
  const isCeil = numberOf(reading, "ceil_mode", 0) !== 0;
  let isCeiled = false;
  const spans = ([0, 1] as const).map((axis) => {
    const reach = (size[axis] - 1) * dilation[axis] + 1;
    const extent = image[axis];
    if (autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER") {
      const count = Math.ceil(extent / stride[axis]);
      const zeros = Math.max(0, (count - 1) * stride[axis] + reach - extent);
      const [less, more] = [Math.floor(zeros / 2), Math.ceil(zeros / 2)];
      return autoPad === "SAME_UPPER"
        ? { count, before: less, after: more }
        : { count, before: more, after: less };
    }
    if (autoPad !== "NOTSET" && autoPad !== "VALID") {
      refuse(`have an auto_pad that ONNX knows: it has ${autoPad}`);
    }
    const isPadded = autoPad === "NOTSET";
    const before = isPadded ? said[axis] : 0;
    const after = isPadded ? said[axis + 2] : 0;
    const room = extent + before + after - reach;
    const floor = Math.floor(room / stride[axis]) + 1;
    if (!isCeil) return { count: floor, before, after };
    let count = Math.ceil(room / stride[axis]) + 1;
    // A window that would begin behind the image is none.
    if ((count - 1) * stride[axis] >= extent + before) count--;
    if (count <= floor) return { count: floor, before, after };
    isCeiled = true;
    return {
      count,
      before,
      after: (count - 1) * stride[axis] + reach - extent - before,
    };
  });
  const [rows, columns] = spans;
  if (!(rows.count >= 1 && columns.count >= 1)) {
    refuse(
      `have windows that fit its image of ${image.join("×")}: they are ${
        size.join("×")
      }`,
    );
  }
  return {
    size,
    stride,
    dilation,
    frame: [rows.before, rows.after, columns.before, columns.after],
    counts: [rows.count, columns.count],
    isCeiled,
  };
}

/** What a layer of ours says of windows; in words where the frame is a usual one. */
function sayWindows(
  { size, stride, dilation, frame }: Windows,
  image: [number, number],
  usualStride: [number, number],
): WindowFields & { dilation?: WindowFields["size"] } {
  const fields = {
    size: extentWord(size),
    ...stride.join() !== usualStride.join() && { stride: extentWord(stride) },
    ...dilation.join() !== "1,1" && { dilation: extentWord(dilation) },
  };
  const padding = namePadding(
    {
      size: fields.size,
      stride: extentWord(stride),
      dilation: fields.dilation,
    },
    frame,
    image,
  );
  return { ...fields, ...padding && { padding } };
}

/** `frame` as a layer says it; nothing where there are no zeros. */
function namePadding(
  windows: WindowFields & { dilation?: WindowFields["size"] },
  frame: [number, number, number, number],
  image: [number, number],
): Padding | undefined {
  if (frame.every((zeros) => zeros === 0)) return undefined;
  const [rows, columns] = windowSpans({ ...windows, padding: "same" }, image);
  const same = [rows.before, rows.after, columns.before, columns.after];
  return same.join() === frame.join() ? "same" : frame;
}

/** An image of so many places and channels, as ONNX has it. */
function imageDims(
  [height, width]: [number, number],
  channels: number,
): Dims {
  const axis = (role: Axis["role"], extent: number) => dimOf({ role, extent });
  return [
    axis("channels", channels),
    axis("height", height),
    axis("width", width),
  ];
}

function readConvolution(reading: Reading): Value {
  const { name, refuse } = reading;
  const value = valueAt(reading);
  const kernel = weightsAt(reading, 1);
  const image = readsImage(reading, value);
  const [outputs, each, rows, columns, ...more] = kernel.shape;
  if (columns === undefined || more.length > 0) {
    refuse(
      `have a kernel of rows and columns: its shape is ${
        kernel.shape.join("×")
      }`,
    );
  }
  const size = numbersOf(reading, "kernel_shape");
  if (size.length > 0 && size.join() !== `${rows},${columns}`) {
    refuse(
      `have the kernel that it says: ${size.join("×")}, not ${rows}×${columns}`,
    );
  }
  const channels = extentOf(value.dims[0]);
  const groups = numberOf(reading, "group", 1);
  if (each * groups !== channels) {
    refuse(
      `read as many channels as its kernel: ${channels}, and it has ${each} in ${groups} groups`,
    );
  }
  const isDepthwise = groups === channels && groups > 1;
  if (groups !== 1 && !isDepthwise) {
    refuse(
      `have one group of channels, or one a channel: it has ${groups} of ${channels}`,
    );
  }
  const windows = readWindows(reading, image, [rows, columns]);
  const fields = {
    name,
    activation: "linear" as const,
    ...sayWindows(windows, image, [1, 1]),
  };
  const bias = constantAt(reading, 2);
  if (bias && bias.shape.join() !== `${outputs}`) {
    refuse(`have a bias of ${outputs}: its shape is ${bias.shape.join("×")}`);
  }
  const multiplier = outputs / channels;
  if (isDepthwise && !Number.isInteger(multiplier)) {
    refuse(`have as many outputs for each channel: ${outputs} of ${channels}`);
  }
  // [out, in, height, width] → ours, [height, width, in, out]; of one group a channel
  // [channels · each, 1, height, width] → [height, width, channels, each].
  const own: FloatArray = isDepthwise
    ? toFloatArray(permute({
      shape: [channels, multiplier, rows, columns],
      values: kernel.values,
    }, [2, 3, 0, 1]))
    : toFloatArray(permute(kernel, [2, 3, 1, 0]));
  return next(value, [{
    kind: "layer",
    layer: isDepthwise
      ? {
        kind: "depthwiseConv2d",
        ...fields,
        ...multiplier !== 1 && { multiplier },
      }
      : { kind: "conv2d", ...fields, filters: outputs },
    weights: [own, ...bias ? [toFloatArray(reading.weigh(bias))] : []],
  }], {
    dims: imageDims(windows.counts, outputs),
    isImage: true,
  });
}

/** Weighted sums: `kernel` of [in, out], and a bias where there is one. */
function dense(
  reading: Reading,
  value: Value,
  { shape, values }: Pick<Constant, "shape" | "values">,
  bias?: FloatArray,
): Value {
  const { name, refuse } = reading;
  const { dims } = value;
  const last = dims.at(-1) ?? [];
  const [inputs, units, ...more] = shape;
  if (units === undefined || more.length > 0) {
    refuse(`have a matrix of weights: its shape is ${shape.join("×")}`);
  }
  if (inputs !== extentOf(last)) {
    refuse(
      `read ${inputs} numbers, as its weights do: its input is ${
        formatDims(dims)
      }`,
    );
  }
  const isRow = dims.slice(0, -1).every((dim) => dim.length === 0);
  const { value: read, axes } = isRow ? asRow(reading, value) : { value };
  if (!isRow && !claimImage(dims, CHANNELS_LAST)) {
    refuse(`read a row, or channels last: its input is ${formatDims(dims)}`);
  }
  const kernel = toFloatArray({
    shape: [inputs, units],
    values: axes
      ? permute({
        shape: [...axes.map(({ extent }) => extent), units],
        values,
      }, [...ownOrder(axes), axes.length]).values
      : values,
  });
  return next(read, [{
    kind: "layer",
    layer: { kind: "dense", name, units, activation: "linear" },
    weights: [kernel, ...bias ? [bias] : []],
  }], {
    dims: [...dims.slice(0, -1), dimOf({ extent: units, role: "channels" })],
  });
}

/** y = α · x · W + β · c, W turned where it says so. */
function readGemm(reading: Reading): Value {
  const { refuse } = reading;
  const value = valueAt(reading);
  const matrix = weightsAt(reading, 1);
  if (numberOf(reading, "transA", 0) !== 0) {
    refuse("read its rows as they are: its transA is not 0");
  }
  if (value.dims.length !== 1 || matrix.shape.length !== 2) {
    refuse(
      `read a row, and have a matrix: its input is ${formatDims(value.dims)}`,
    );
  }
  const alpha = numberOf(reading, "alpha", 1);
  const beta = numberOf(reading, "beta", 1);
  const turned = numberOf(reading, "transB", 0) === 0
    ? matrix
    : permute(matrix, [1, 0]);
  const scaled = (values: Constant["values"], factor: number) =>
    factor === 1 ? values : values.map((each) => each * factor);
  const units = turned.shape[1];
  const added = constantAt(reading, 2);
  let bias: FloatArray | undefined;
  if (added) {
    const { shape, values } = reading.weigh(added);
    const isOne = values.length === 1;
    if (!isOne && (values.length !== units || shape.at(-1) !== units)) {
      refuse(`add ${units} numbers: it adds ${shape.join("×")}`);
    }
    const each = scaled(values, beta);
    bias = toFloatArray({
      shape: [units],
      values: isOne ? new Float64Array(units).fill(each[0]) : each,
    });
  }
  return dense(reading, value, {
    shape: turned.shape,
    values: scaled(turned.values, alpha),
  }, bias);
}

function readPool(reading: Reading): Value {
  const { name, node, refuse } = reading;
  const value = valueAt(reading);
  const image = readsImage(reading, value);
  const isMean = node.operator === "AveragePool";
  const size = extentsOf(reading, "kernel_shape", 0);
  const windows = readWindows(reading, image, size);
  if (windows.dilation.join() !== "1,1") {
    refuse("have windows without gaps: its dilations are more than 1");
  }
  const channels = extentOf(value.dims[0]);
  const more = { dims: imageDims(windows.counts, channels), isImage: true };
  const fields = sayWindows(windows, image, windows.size);
  const counted = isMean && numberOf(reading, "count_include_pad", 0) !== 0;
  const isFramed = lastStep(value)?.kind === "frame";
  const isPadded = windows.frame.some((zeros) => zeros > 0);
  if (!isMean || (!isFramed && !(counted && isPadded))) {
    return next(value, [{
      kind: "layer",
      layer: { kind: isMean ? "averagePool2d" : "maxPool2d", name, ...fields },
      weights: [],
    }], more);
  }
  if (windows.isCeiled || (isFramed && isPadded && !counted)) {
    refuse("count zeros around an image in no mean, or in each alike");
  }
  // A mean that counts zeros around the image is a weighted sum of each channel.
  const [rows, columns] = size;
  reading.take(rows * columns * channels);
  const { size: window, stride = window, ...placed } = fields;
  return next(value, [{
    kind: "layer",
    layer: {
      kind: "depthwiseConv2d",
      name,
      size: window,
      ...windows.stride.join() !== "1,1" && { stride },
      ...placed,
      activation: "linear",
    },
    weights: [{
      shape: [rows, columns, channels, 1],
      values: new Float32Array(rows * columns * channels)
        .fill(1 / (rows * columns)),
    }],
  }], more);
}

/** One number a channel; `dims` are what is left. */
function globalPool(
  { name, refuse }: Reading,
  value: Value,
  { isMean, dims }: { isMean: boolean; dims: Dims },
): Value {
  if (!value.isImage) {
    if (value.dims.flat().length > 1) refuse("read an image, not a row");
    return next(value, [], { dims });
  }
  const kind = isMean ? "globalAveragePool2d" : "globalMaxPool2d";
  return next(value, [{ kind: "layer", layer: { kind, name }, weights: [] }], {
    dims,
    isImage: false,
  });
}

function readGlobalPool(reading: Reading): Value {
  const value = valueAt(reading);
  readsImage(reading, value);
  return globalPool(reading, value, {
    isMean: reading.node.operator === "GlobalAveragePool",
    dims: [value.dims[0], [], []],
  });
}

/** A mean or maximum of all places. */
function readReduction(reading: Reading): Value {
  const { node, refuse } = reading;
  const value = valueAt(reading);
  const { dims } = value;
  const said = integersAt(reading, "axes", 1) ?? [];
  const axes = said.map((axis) => resolveAxis(axis, dims.length + 1, refuse));
  const order = axes.includes(1) ? CHANNELS_LAST : CHANNELS_FIRST;
  const spatial = order.flatMap((role, place) =>
    role === "channels" ? [] : [place + 1]
  );
  if (
    axes.toSorted((a, b) => a - b).join() !== spatial.join() ||
    !claimImage(dims, order)
  ) {
    refuse(
      `go by an image's rows and columns: it goes by ${axes.join(" and ")} of ${
        formatDims(dims)
      }`,
    );
  }
  const isKept = numberOf(reading, "keepdims", 1) !== 0;
  return globalPool(reading, value, {
    isMean: node.operator === "ReduceMean",
    dims: dims.flatMap((dim, place) =>
      axes.includes(place + 1) ? (isKept ? [[]] : []) : [dim]
    ),
  });
}

/** Batch normalisation as it is once trained, in float64. */
function readNormalisation(reading: Reading): Value {
  const { refuse } = reading;
  const value = valueAt(reading);
  if (numberOf(reading, "training_mode", 0) !== 0) {
    refuse("be as in use, not as in training");
  }
  if (numberOf(reading, "spatial", 1) !== 1) refuse("go by channels");
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((place) =>
    weightsAt(reading, place)
  );
  const count = extentOf(value.dims[0] ?? []);
  for (const { shape } of [gamma, beta, mean, variance]) {
    if (shape.join() === `${count}`) continue;
    refuse(`have ${count} of each weight: one has ${shape.join("×")}`);
  }
  const epsilon = numberOf(reading, "epsilon", 1e-5);
  const scale = Float64Array.from(
    variance.values,
    (each, i) => gamma.values[i] / Math.sqrt(each + epsilon),
  );
  const offset = scale.map((each, i) => beta.values[i] - mean.values[i] * each);
  return affine(reading, value, {
    place: count === 1 ? undefined : 0,
    scale,
    offset,
  });
}

/** Numbers along each dimension, the batch's first, as a shape asks for them. */
function resolveShape(
  reading: Reading,
  { dims }: Value,
  said: readonly number[],
): number[] {
  const { batch, refuse } = reading;
  const extents = dims.map(extentOf);
  const size = product(extents);
  const isCopied = numberOf(reading, "allowzero", 0) === 0;
  const [count, ...shape] = said.map((extent, axis) =>
    extent === 0 && isCopied
      ? (axis === 0 ? batch : extents[axis - 1] ?? NaN)
      : extent
  );
  const open = shape.indexOf(-1);
  const known = -product(shape);
  const isBatch = Number.isNaN(count) || count === batch;
  const whole = open === -1 || !isBatch
    ? shape
    : shape.with(open, size / known);
  const isUsable = whole.every((extent) =>
    Number.isSafeInteger(extent) && extent >= 1
  );
  if (
    said.length === 0 || !isUsable || product(whole) !== size ||
    (!isBatch && count !== -1)
  ) {
    refuse(
      `keep the images apart, and all numbers of each: it makes ${
        said.map((extent) => Number.isNaN(extent) ? "n" : extent).join("×")
      } of ${formatDims(dims)}`,
    );
  }
  return whole;
}

function reshapeTo(
  reading: Reading,
  value: Value,
  shape: readonly number[],
): Value {
  let isCut = false;
  const dims = reshapeDims(value.dims, shape, (axis, first) => {
    isCut = true;
    return reading.cut(axis, first);
  });
  if (!dims) {
    return reading.refuse(
      `make a row of an image, or an image of the input's row: it makes ${
        ["n", ...shape].join("×")
      } of ${formatDims(value.dims)}`,
    );
  }
  return next(value, [], { dims, isImage: value.isImage || isCut });
}

function readFlatten(reading: Reading): Value {
  const value = valueAt(reading);
  const rank = value.dims.length + 1;
  const axis = resolveAxis(
    numberOf(reading, "axis", 1),
    rank,
    reading.refuse,
  );
  if (axis !== 1) {
    reading.refuse(`flatten each image by itself: its axis is ${axis}`);
  }
  return next(value, [], { dims: [value.dims.flat()] });
}

function readTranspose(reading: Reading): Value {
  const { refuse } = reading;
  const value = valueAt(reading);
  const rank = value.dims.length + 1;
  const said = numbersOf(reading, "perm");
  const perm = said.length > 0
    ? said
    : Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  if (
    perm[0] !== 0 ||
    perm.toSorted((a, b) => a - b).join() !== [...Array(rank).keys()].join()
  ) refuse(`leave the images apart: its perm is ${perm.join()}`);
  return next(value, [], {
    dims: perm.slice(1).map((axis) => value.dims[axis - 1]),
  });
}

function readUnsqueeze(reading: Reading): Value {
  const { refuse } = reading;
  const value = valueAt(reading);
  const axes = integersAt(reading, "axes", 1) ?? refuse("say axes");
  const batch: Axis[] = [];
  const [first, ...dims] = unsqueezed([batch, ...value.dims], axes, {
    one: [],
    refuse,
  });
  if (first !== batch) refuse("leave the images apart: it goes by axis 0");
  return next(value, [], { dims });
}

function readSqueeze(reading: Reading): Value {
  const { refuse } = reading;
  const value = valueAt(reading);
  const axes = (integersAt(reading, "axes", 1) ?? refuse("say axes"))
    .map((axis) => resolveAxis(axis, value.dims.length + 1, refuse));
  if (axes.some((axis) => axis === 0 || value.dims[axis - 1].length > 0)) {
    refuse(
      `take away extents of 1: it takes ${axes.join()} of ${
        formatDims(value.dims)
      }`,
    );
  }
  return next(value, [], {
    dims: value.dims.filter((_, place) => !axes.includes(place + 1)),
  });
}

/** Zeros around an image. */
function readPad(reading: Reading): Value {
  const { name, refuse } = reading;
  const value = valueAt(reading);
  const { dims } = value;
  const rank = dims.length + 1;
  const mode = wordOf(reading, "mode", "constant");
  const [fill = 0] = constantAt(reading, 2)?.values ??
    [numberOf(reading, "value", 0)];
  if (mode !== "constant" || fill !== 0) {
    refuse(`add zeros: it adds ${mode === "constant" ? fill : mode}`);
  }
  const pads = integersAt(reading, "pads", 1) ?? refuse("say its pads");
  const axes =
    constantAt(reading, 3)?.values.values().map((axis) =>
      resolveAxis(axis, rank, refuse)
    ).toArray() ?? [...Array(rank).keys()];
  const sides = new Map(
    axes.map((axis, i) => [axis, [pads[i], pads[i + axes.length]]] as const),
  );
  const padded = axes.filter((axis) =>
    sides.get(axis)?.some((zeros) => zeros !== 0)
  );
  if (
    pads.length !== 2 * axes.length || sides.size < axes.length ||
    !pads.every((zeros) => Number.isSafeInteger(zeros) && zeros >= 0)
  ) refuse(`have pads of 0 or more for each axis: they are ${pads.join()}`);
  if (padded.length === 0) return next(value, []);
  // Which are rows and columns: as what was read before has it, or by where zeros are.
  const order = padded.includes(1) || dims.at(-1)?.[0]?.role === "channels"
    ? CHANNELS_LAST
    : CHANNELS_FIRST;
  if (
    !value.isImage || !claimImage(dims, order) ||
    padded.some((axis) => axis === 0 || order[axis - 1] === "channels")
  ) {
    refuse(
      `lie around an image: its pads are ${pads.join()} of ${formatDims(dims)}`,
    );
  }
  const [top, bottom] = sides.get(order.indexOf("height") + 1) ?? [0, 0];
  const [left, right] = sides.get(order.indexOf("width") + 1) ?? [0, 0];
  const grown = { height: top + bottom, width: left + right, channels: 0 };
  return next(value, [{
    kind: "frame",
    name,
    frame: [top, bottom, left, right],
  }], {
    dims: order.map((role) =>
      dimOf({ role, extent: roleExtent(dims, role) + grown[role] })
    ),
  });
}

function readSoftmax(reading: Reading): Value {
  const { opset, refuse } = reading;
  const value = valueAt(reading);
  const rank = value.dims.length + 1;
  const axis = resolveAxis(
    numberOf(reading, "axis", opset < 13 ? 1 : -1),
    rank,
    refuse,
  );
  const others = value.dims.filter((_, place) => place !== axis - 1);
  if (axis === 0 || others.some((dim) => dim.length > 0)) {
    refuse(
      `go by the classes: it goes by axis ${axis} of ${formatDims(value.dims)}`,
    );
  }
  const { value: row, axes } = asRow(reading, value);
  if (axes) refuse("read one number a class");
  return next(row, [{
    kind: "layer",
    layer: { kind: "softmax", name: "softmax" },
    weights: [],
  }]);
}

/** The ends of a clip; those that aren't there are at infinity. */
function readClip(reading: Reading): Value {
  const { refuse } = reading;
  const ends = (["min", "max"] as const).map((name, i) => {
    const usual = i === 0 ? -Infinity : Infinity;
    const [said = numberOf(reading, name, usual)] =
      constantAt(reading, i + 1)?.values ?? [];
    // The largest float32 stands for what is not bounded.
    return Math.abs(said) > 3e38 ? usual : said;
  });
  const [least, most] = ends;
  const value = valueAt(reading);
  if (least === -Infinity && most === Infinity) return next(value, []);
  if (least === 0 && (most === Infinity || most === 6)) {
    const activation = most === 6 ? "relu6" : "relu";
    return activate(reading, value, { activation });
  }
  return refuse(
    `begin at 0, and end at 6 or nowhere: it goes from ${least} to ${most}`,
  );
}

/** Max(x, 0), and Min(x, 6) of what is not below 0. */
function readBound(reading: Reading): Value {
  const { node, refuse } = reading;
  const pair = readPair(reading);
  if ("constant" in pair && pair.constant.values.length === 1) {
    const [bound] = pair.constant.values;
    const { value } = pair;
    if (node.operator === "Max" && bound === 0) {
      return activate(reading, value, { activation: "relu" });
    }
    const last = lastStep(value);
    if (
      node.operator === "Min" && bound === 6 && last?.kind === "activation" &&
      last.activation === "relu"
    ) return activate(reading, value, { activation: "relu6" });
  }
  return refuse("be max(x, 0), or min(x, 6) behind it");
}

/** In use as it is: nothing changes. */
const NOTHING: Operator = { read: (reading) => next(valueAt(reading), []) };

const WINDOWS = ["kernel_shape", "strides", "dilations", "pads", "auto_pad"];

/** Operators on what depends on the input, by ONNX' names. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  Conv: {
    attributes: [...WINDOWS, "group"],
    inputs: 3,
    read: readConvolution,
  },
  BatchNormalization: {
    inputs: 5,
    attributes: ["epsilon", "momentum", "training_mode", "spatial"],
    read: readNormalisation,
  },
  Relu: activation("relu"),
  Sigmoid: activation("sigmoid"),
  Tanh: activation("tanh"),
  LeakyRelu: {
    attributes: ["alpha"],
    read: (reading) => leak(reading, numberOf(reading, "alpha", 0.01)),
  },
  PRelu: {
    inputs: 2,
    read: (reading) => {
      const [slope, ...more] = weightsAt(reading, 1).values;
      if (more.some((each) => each !== slope)) {
        reading.refuse("have one slope: it has several");
      }
      return leak(reading, slope);
    },
  },
  Elu: {
    attributes: ["alpha"],
    read: (reading) => {
      const alpha = numberOf(reading, "alpha", 1);
      if (alpha !== 1) {
        reading.refuse(`have an alpha of 1: it has ${alpha}`);
      }
      return activate(reading, valueAt(reading), { activation: "elu" });
    },
  },
  Clip: { attributes: ["min", "max"], inputs: 3, read: readClip },
  Max: { inputs: Infinity, read: readBound },
  Min: { inputs: Infinity, read: readBound },
  MaxPool: {
    attributes: [...WINDOWS, "ceil_mode", "storage_order"],
    read: readPool,
  },
  AveragePool: {
    attributes: [...WINDOWS, "ceil_mode", "count_include_pad"],
    read: readPool,
  },
  GlobalAveragePool: { read: readGlobalPool },
  GlobalMaxPool: { read: readGlobalPool },
  ReduceMean: {
    attributes: ["axes", "keepdims", "noop_with_empty_axes"],
    inputs: 2,
    read: readReduction,
  },
  ReduceMax: {
    attributes: ["axes", "keepdims", "noop_with_empty_axes"],
    inputs: 2,
    read: readReduction,
  },
  Gemm: {
    attributes: ["alpha", "beta", "transA", "transB"],
    inputs: 3,
    read: readGemm,
  },
  MatMul: {
    inputs: 2,
    read: (reading) => {
      const pair = readPair(reading);
      if (!("constant" in pair) || pair.isTurned) {
        return reading.refuse("multiply what layers give by weights");
      }
      return dense(reading, pair.value, reading.weigh(pair.constant));
    },
  },
  Add: { inputs: 2, read: readSum },
  Sum: { inputs: Infinity, read: readSum },
  Mul: { inputs: 2, read: readProduct },
  Sub: {
    inputs: 2,
    read: (reading) => {
      const pair = readPair(reading);
      if (!("constant" in pair)) {
        return reading.refuse("subtract numbers from the file");
      }
      const subtract = pair.isTurned ? subtractFrom : subtractConstant;
      return subtract(reading, pair.value, pair.constant);
    },
  },
  Div: {
    inputs: 2,
    read: (reading) => {
      const pair = readPair(reading);
      if (!("constant" in pair) || pair.isTurned) {
        return reading.refuse("divide by numbers from the file");
      }
      const { constant, value } = pair;
      if (constant.values.some((each) => each === 0)) {
        reading.refuse("divide by more than 0");
      }
      const values = Float64Array.from(constant.values, (each) => 1 / each);
      return multiplyConstant(reading, value, { ...constant, values });
    },
  },
  Neg: {
    read: (reading) =>
      affine(reading, valueAt(reading), {
        scale: Float64Array.of(-1),
        offset: Float64Array.of(0),
      }),
  },
  Flatten: { attributes: ["axis"], read: readFlatten },
  Reshape: {
    attributes: ["shape", "allowzero"],
    inputs: 2,
    read: (reading) => {
      const value = valueAt(reading);
      const said = integersAt(reading, "shape", 1) ??
        reading.refuse("say a shape");
      return reshapeTo(reading, value, resolveShape(reading, value, said));
    },
  },
  Squeeze: { attributes: ["axes"], inputs: 2, read: readSqueeze },
  Unsqueeze: { attributes: ["axes"], inputs: 2, read: readUnsqueeze },
  Transpose: { attributes: ["perm"], read: readTranspose },
  Pad: { attributes: ["mode", "pads", "value"], inputs: 4, read: readPad },
  Identity: NOTHING,
  Cast: {
    attributes: ["to", "saturate", "round_mode"],
    read: (reading) => {
      const to = numberOf(reading, "to", 0);
      if (!FLOATS.includes(to)) {
        reading.refuse(`keep fractions: it casts to type ${to}`);
      }
      return next(valueAt(reading), []);
    },
  },
  Dropout: {
    attributes: ["ratio", "seed"],
    inputs: 3,
    read: (reading) => {
      if (constantAt(reading, 2)?.values.some((each) => each !== 0)) {
        reading.refuse("be as in use, not as in training");
      }
      return next(valueAt(reading), []);
    },
  },
  Softmax: { attributes: ["axis"], read: readSoftmax },
  LogSoftmax: { attributes: ["axis"], read: readSoftmax },
  Log: {
    read: (reading) => {
      const value = valueAt(reading);
      const last = lastStep(value);
      if (last?.kind !== "layer" || last.layer.kind !== "softmax") {
        reading.refuse("be of probabilities, at the end");
      }
      return next(value, []);
    },
  },
  Shape: {
    attributes: ["start", "end"],
    read: (reading) => {
      const { dims } = valueAt(reading);
      const shape = [reading.batch, ...dims.map(extentOf)].slice(
        numberOf(reading, "start", 0),
        numberOf(reading, "end", dims.length + 1),
      );
      return {
        shape: [shape.length],
        values: Float64Array.from(shape),
        name: "",
        bytes: 8,
        isWhole: true,
      };
    },
  },
};

/**
 * What an operator makes of what depends on the input: steps, or a shape, which doesn't.
 * Throws by `refuse` where it isn't known, says what isn't read, or does what no step does.
 */
export function readOperator(reading: Reading): Value | Constant {
  const { node, refuse } = reading;
  const operator = findOperator(OPERATORS, node.operator, refuse);
  for (const name of node.attributes.keys()) {
    if (operator.attributes?.includes(name)) continue;
    refuse(`say no more than is read: it says ${name}`);
  }
  const { inputs = 1 } = operator;
  if (reading.operands.length > inputs) {
    refuse(
      `have at most ${inputs} ${
        inputs === 1 ? "input" : "inputs"
      }: it has ${reading.operands.length}`,
    );
  }
  return operator.read(reading);
}
