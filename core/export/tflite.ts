import type { FloatArray } from "../files/safetensors.ts";
import { decodeTensor } from "../infer/decode_tensor.ts";
import type { EncodedModel } from "../infer/encoded_tensor.ts";
import { product } from "../models/layers/layer.ts";
import type { Activation, Padding } from "../models/spec.ts";
import { VERSION } from "../version.ts";
import { type ExportedLayer, listExportedLayers } from "./exported_layers.ts";
import type { Exported } from "./exporter.ts";
import {
  type FlatTable,
  type FlatValue,
  writeFlatbuffer,
} from "./flatbuffer.ts";
import { permute } from "./permute.ts";

// Numbers of TensorFlow Lite's schema.fbs, as far as a feed-forward network needs them.

/** Version of the schema, and the identifier of files of it. */
const [SCHEMA, IDENTIFIER] = [3, "TFL3"];

/** BuiltinOperator, and the BuiltinOptions that go with it. */
const OPERATORS = {
  add: { code: 0, options: 11 },
  averagePool: { code: 1, options: 5 },
  convolve: { code: 3, options: 1 },
  convolveEach: { code: 4, options: 2 },
  fullyConnected: { code: 9, options: 8 },
  maxPool: { code: 17, options: 5 },
  reshape: { code: 22, options: 17 },
} as const;

type Operator = keyof typeof OPERATORS;

/** TensorType. */
const TYPES = { float32: 0, int32: 2 } as const;

/** Padding. */
function paddingOf(padding: Padding = "valid"): FlatValue {
  return { int8: padding === "same" ? 0 : 1 };
}

/** ActivationFunctionType. */
function fused(activation: Activation): FlatValue {
  switch (activation) {
    case "linear":
      return { int8: 0 };
    case "relu":
      return { int8: 1 };
    default:
      return activation satisfies never;
  }
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
      { int8: OPERATORS[operator].options },
      { table: options },
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

/** Adds what `one` makes of `x`. */
function addLayer(graph: Graph, one: ExportedLayer, x: number): number {
  const { layer, input, output, weights, held } = one;
  const { name } = layer;
  const shape = [1, ...output];
  const withWeights = (order: number[]) => {
    if (!weights) throw new TypeError(`layer ${name} must have weights`);
    const kernel = permute(decodeTensor(weights.kernel), order);
    return [
      x,
      graph.constant(`${name}.kernel`, kernel),
      graph.constant(`${name}.bias`, decodeTensor(weights.bias)),
    ];
  };
  const pool = (
    operator: "maxPool" | "averagePool",
    rows: number,
    columns: number,
  ) =>
    graph.add(operator, [x], {
      name,
      shape: layer.kind === "globalAveragePool2d"
        ? [1, 1, 1, ...output]
        : shape,
      options: [
        paddingOf("valid"),
        { int32: columns },
        { int32: rows },
        { int32: columns },
        { int32: rows },
        fused("linear"),
      ],
    });
  switch (layer.kind) {
    case "conv2d": {
      const { stride = 1, padding, activation } = layer;
      // [height, width, in, out] → [out, height, width, in]
      return graph.add("convolve", withWeights([3, 0, 1, 2]), {
        name,
        shape,
        options: [
          paddingOf(padding),
          { int32: stride },
          { int32: stride },
          fused(activation),
          { int32: 1 },
          { int32: 1 },
        ],
      });
    }
    case "depthwiseConv2d": {
      const { stride = 1, padding, activation } = layer;
      // [height, width, channels, 1] → [1, height, width, channels]
      return graph.add("convolveEach", withWeights([3, 0, 1, 2]), {
        name,
        shape,
        options: [
          paddingOf(padding),
          { int32: stride },
          { int32: stride },
          { int32: 1 },
          fused(activation),
          { int32: 1 },
          { int32: 1 },
        ],
      });
    }
    case "dense":
      return graph.add("fullyConnected", withWeights([1, 0]), {
        name,
        shape,
        options: [fused(layer.activation)],
      });
    case "maxPool2d":
      return pool("maxPool", layer.size, layer.size);
    case "averagePool2d":
      return pool("averagePool", layer.size, layer.size);
    case "globalAveragePool2d": {
      const image = pool("averagePool", input[0], input[1]);
      const count = output[0];
      return addReshape(graph, image, { name: `${name}.row`, count });
    }
    case "residual": {
      const inner = held.reduce((at, each) => addLayer(graph, each, at), x);
      return graph.add("add", [x, inner], {
        name,
        shape,
        options: [fused(layer.activation)],
      });
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
  return { files: [{ name: "", content }], notes: [] };
}
