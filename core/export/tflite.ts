import type { FloatArray } from "../files/safetensors.ts";
import { decodeTensor } from "../infer/decode_tensor.ts";
import type { EncodedModel } from "../infer/encoded_tensor.ts";
import { isInteger } from "../models/integer.ts";
import { LEAK } from "../models/layers/activation.ts";
import { type ActivationFields, product } from "../models/layers/layer.ts";
import { poolWindows } from "../models/layers/pools.ts";
import { type AxisWindows, windowSpans } from "../models/layers/window_span.ts";
import type { Activation, LayerSpec } from "../models/spec.ts";
import { VERSION } from "../version.ts";
import { type ExportedLayer, listExportedLayers } from "./exported_layers.ts";
import type { Exported } from "./exporter.ts";
import {
  type FlatTable,
  type FlatValue,
  writeFlatbuffer,
} from "./flatbuffer.ts";
import { permute } from "../files/permute.ts";

// Numbers of TensorFlow Lite's schema.fbs, as far as a feed-forward network needs them.

/** Version of the schema, and the identifier of files of it. */
const [SCHEMA, IDENTIFIER] = [3, "TFL3"];

/** BuiltinOperator, and the BuiltinOptions that go with it; 0 where there are none. */
const OPERATORS = {
  add: { code: 0, options: 11 },
  averagePool: { code: 1, options: 5 },
  convolve: { code: 3, options: 1 },
  convolveEach: { code: 4, options: 2 },
  fullyConnected: { code: 9, options: 8 },
  sigmoid: { code: 14, options: 0 },
  maxPool: { code: 17, options: 5 },
  multiply: { code: 18, options: 21 },
  reshape: { code: 22, options: 17 },
  tanh: { code: 28, options: 0 },
  pad: { code: 34, options: 0 },
  padBy: { code: 60, options: 0 },
  leakyRelu: { code: 98, options: 75 },
  elu: { code: 111, options: 0 },
} as const;

type Operator = keyof typeof OPERATORS;

/** TensorType. */
const TYPES = { float32: 0, int32: 2 } as const;

/** Padding. */
function paddingOf(padding: "valid" | "same"): FlatValue {
  return { int8: padding === "same" ? 0 : 1 };
}

/** ActivationFunctionType; what an operator can't do itself follows it: see `addActivation`. */
function fused(activation: Activation): FlatValue {
  return { int8: activation === "relu" ? 1 : activation === "relu6" ? 3 : 0 };
}

/** The parts of a file, as they are put together. */
class Graph {
  readonly tensors: FlatTable[] = [];
  /** The first is empty, by the schema's rule. */
  readonly buffers: FlatTable[] = [[]];
  readonly operators: FlatTable[] = [];
  readonly codes: Operator[] = [];

  /** Adds a tensor; gives its number. */
  tensor(
    name: string,
    shape: readonly number[],
    { type = "float32", data }: {
      type?: keyof typeof TYPES;
      data?: Uint8Array;
    } = {},
  ): number {
    const buffer = data ? this.buffers.push([{ bytes: data }]) - 1 : 0;
    return this.tensors.push([
      { int32s: shape },
      { int8: TYPES[type] },
      { int32: buffer },
      { text: name },
    ]) - 1;
  }

  /** Adds numbers that don't change. */
  constant(name: string, { shape, values }: FloatArray): number {
    const { buffer, byteOffset, byteLength } = values;
    const data = new Uint8Array(buffer, byteOffset, byteLength);
    return this.tensor(name, shape, { data });
  }

  /** Adds an operator; gives the number of what it makes. */
  add(
    operator: Operator,
    inputs: number[],
    { name, shape, options }: {
      name: string;
      shape: readonly number[];
      options: FlatTable;
    },
  ): number {
    const output = this.tensor(name, shape);
    if (!this.codes.includes(operator)) this.codes.push(operator);
    this.operators.push([
      { int32: this.codes.indexOf(operator) },
      { int32s: inputs },
      { int32s: [output] },
      ...options.length === 0
        ? []
        : [{ int8: OPERATORS[operator].options }, { table: options }],
    ]);
    return output;
  }
}

/** Adds `x` as a row of `count` numbers. */
function addReshape(
  graph: Graph,
  x: number,
  { name, count }: { name: string; count: number },
): number {
  const data = new Uint8Array(Int32Array.of(1, count).buffer);
  const shape = graph.tensor(`${name}.shape`, [2], { type: "int32", data });
  return graph.add("reshape", [x, shape], {
    name,
    shape: [1, count],
    options: [{ int32s: [1, count] }],
  });
}

/** Refuses a model of integers, whose sums no delegate of TensorFlow Lite's promises. */
function refuseIntegers(): never {
  throw new RangeError(
    "Cannot export to tflite: a model's numbers must be real there: they are integers, which half floats on a phone would round; export it to onnx, c or js",
  );
}

/** Adds what follows the sums `x`, of so many extents, that their operator doesn't do. */
function addActivation(
  graph: Graph,
  x: number,
  { name, shape, activation, slope = LEAK }: ActivationFields & {
    name: string;
    shape: readonly number[];
  },
): number {
  const add = (operator: Operator, inputs: number[], options: FlatTable) =>
    graph.add(operator, inputs, {
      name: `${name}.${operator}`,
      shape,
      options,
    });
  switch (activation) {
    case "linear":
    case "relu":
    case "relu6":
      return x;
    case "leakyRelu":
      return add("leakyRelu", [x], [{ float32: slope }]);
    case "elu":
    case "sigmoid":
    case "tanh":
      return add(activation, [x], []);
    case "swish":
      return add("multiply", [x, add("sigmoid", [x], [])], [fused("linear")]);
    case "round":
      return refuseIntegers();
    default:
      return activation satisfies never;
  }
}

/** Below all sums: what is never a window's largest. */
const LEAST = -3e38;

/** Adds `x` with as many `zeros` around it as windows say, or as many of {@linkcode LEAST}. */
function addFrame(
  graph: Graph,
  x: number,
  { name, input, windows, fill }: {
    name: string;
    input: readonly number[];
    windows: readonly [AxisWindows, AxisWindows];
    fill: "zeros" | "least";
  },
): number {
  const [rows, columns] = windows.map(({ before, after }) => [before, after]);
  const data = Int32Array.of(0, 0, ...rows, ...columns, 0, 0);
  const inputs = [
    x,
    graph.tensor(`${name}.pads`, [4, 2], {
      type: "int32",
      data: new Uint8Array(data.buffer),
    }),
  ];
  const [height, width, channels] = input;
  const options = {
    name: `${name}.framed`,
    shape: [
      1,
      height + rows[0] + rows[1],
      width + columns[0] + columns[1],
      channels,
    ],
    options: [],
  };
  if (fill === "zeros") return graph.add("pad", inputs, options);
  const values = Float32Array.of(LEAST);
  inputs.push(graph.constant(`${name}.least`, { shape: [1], values }));
  return graph.add("padBy", inputs, options);
}

/**
 * Adds `pool` with zeros around it where it says how many; a mean then is of the places
 * on the image alone, as a factor for each place of the output.
 */
function addPool(
  graph: Graph,
  x: number,
  { layer, input, output }: {
    layer: LayerSpec<"maxPool2d" | "averagePool2d">;
    input: readonly number[];
    output: readonly number[];
  },
): number {
  const { name, padding = "valid" } = layer;
  const windows = windowSpans(poolWindows(layer), input);
  const [rows, columns] = windows;
  const average = layer.kind === "averagePool2d";
  const framed = typeof padding === "object";
  const read = framed
    ? addFrame(graph, x, {
      name,
      input,
      windows,
      fill: average ? "zeros" : "least",
    })
    : x;
  const shape = [1, ...output];
  const pooled = graph.add(average ? "averagePool" : "maxPool", [read], {
    name,
    shape,
    options: [
      paddingOf(framed ? "valid" : padding),
      { int32: columns.stride },
      { int32: rows.stride },
      { int32: columns.size },
      { int32: rows.size },
      fused("linear"),
    ],
  });
  if (!average || !framed) return pooled;
  const shares = windows.map(({ count, size, stride, before }, axis) =>
    Array.from({ length: count }, (_, index) => {
      const first = index * stride - before;
      const end = Math.min(first + size, input[axis]);
      return size / (end - Math.max(0, first));
    })
  );
  const values = Float32Array.from(
    shares[0].flatMap((row) => shares[1].map((column) => row * column)),
  );
  const factors = graph.constant(`${name}.factors`, {
    shape: [1, rows.count, columns.count, 1],
    values,
  });
  return graph.add("multiply", [pooled, factors], {
    name: `${name}.mean`,
    shape,
    options: [fused("linear")],
  });
}

/** Adds what `one` makes of `x`. */
function addLayer(graph: Graph, one: ExportedLayer, x: number): number {
  const { layer, input, output, weights, held } = one;
  const { name } = layer;
  const shape = [1, ...output];
  const withWeights = (
    read: number,
    order: number[],
    kernelShape: (permuted: readonly number[]) => number[] = (all) => [...all],
  ) => {
    if (!weights) throw new TypeError(`layer ${name} must have weights`);
    const kernel = permute(decodeTensor(weights.kernel), order);
    return [
      read,
      graph.constant(`${name}.kernel`, {
        ...kernel,
        shape: kernelShape(kernel.shape),
      }),
      graph.constant(`${name}.bias`, decodeTensor(weights.bias)),
    ];
  };
  const follow = (sums: number, { activation, slope }: ActivationFields) =>
    addActivation(graph, sums, { name, shape, activation, slope });
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d": {
      const { padding = "valid", activation } = layer;
      const windows = windowSpans(layer, input);
      const [rows, columns] = windows;
      const framed = typeof padding === "object";
      const read = framed
        ? addFrame(graph, x, { name, input, windows, fill: "zeros" })
        : x;
      const each = layer.kind === "depthwiseConv2d";
      const inputs = each
        // [height, width, channels, m] → [1, height, width, channels · m]
        ? withWeights(read, [0, 1, 2, 3], ([height, width, channels, m]) => [
          1,
          height,
          width,
          channels * m,
        ])
        // [height, width, in, out] → [out, height, width, in]
        : withWeights(read, [3, 0, 1, 2]);
      const sums = graph.add(each ? "convolveEach" : "convolve", inputs, {
        name,
        shape,
        options: [
          paddingOf(framed ? "valid" : padding),
          { int32: columns.stride },
          { int32: rows.stride },
          ...each ? [{ int32: layer.multiplier ?? 1 }] : [],
          fused(activation),
          { int32: columns.dilation },
          { int32: rows.dilation },
        ],
      });
      return follow(sums, layer);
    }
    case "dense": {
      const sums = graph.add("fullyConnected", withWeights(x, [1, 0]), {
        name,
        shape,
        options: [fused(layer.activation)],
      });
      return follow(sums, layer);
    }
    case "maxPool2d":
    case "averagePool2d":
      return addPool(graph, x, { layer, input, output });
    case "globalMaxPool2d":
    case "globalAveragePool2d": {
      const [height, width, channels] = input;
      const kind = layer.kind === "globalMaxPool2d"
        ? "maxPool2d"
        : "averagePool2d";
      const image = addPool(graph, x, {
        layer: { kind, name, size: [height, width] },
        input,
        output: [1, 1, channels],
      });
      return addReshape(graph, image, { name: `${name}.row`, count: channels });
    }
    case "residual": {
      const inner = held.reduce((at, each) => addLayer(graph, each, at), x);
      const sums = graph.add("add", [x, inner], {
        name,
        shape,
        options: [fused(layer.activation)],
      });
      return follow(sums, layer);
    }
    case "flatten":
      return input.length === 1
        ? x
        : addReshape(graph, x, { name, count: product(input) });
    case "dropout":
    case "softmax":
      return x;
    default:
      return layer satisfies never;
  }
}

/**
 * `model` as a TensorFlow Lite file: one image `[1, height, width, channels]`, pixels / 255
 * → logits, in float32.
 */
export function writeTflite(model: EncodedModel): Exported {
  const { spec } = model;
  if (isInteger(spec.layers)) refuseIntegers();
  const graph = new Graph();
  const input = graph.tensor("input", [1, ...spec.input]);
  const output = listExportedLayers(model)
    .reduce((x, each) => addLayer(graph, each, x), input);
  const content = writeFlatbuffer([
    { int32: SCHEMA },
    {
      tables: graph.codes.map((operator) => [
        { int8: OPERATORS[operator].code },
        undefined,
        { int32: 1 },
        { int32: OPERATORS[operator].code },
      ]),
    },
    {
      tables: [[
        { tables: graph.tensors },
        { int32s: [input] },
        { int32s: [output] },
        { tables: graph.operators },
        { text: "main" },
      ]],
    },
    { text: `made by Retort ${VERSION}` },
    { tables: graph.buffers },
  ], IDENTIFIER);
  return { files: [{ name: "", content }] };
}
