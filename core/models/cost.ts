import { checkSpec, type LayerSpec, type ModelSpec } from "./spec.ts";
import { windowSpan } from "./window_span.ts";

const FLOAT_BYTES = 4;

/** Layers that read images. */
const IMAGE_LAYERS: LayerSpec["kind"][] = [
  "conv2d",
  "depthwiseConv2d",
  "maxPool2d",
  "averagePool2d",
  "globalAveragePool2d",
];

/** What one layer costs, for one image fed forward. */
export interface LayerCost {
  /** The layer. */
  layer: LayerSpec;
  /** Shape of its output, without the batch. */
  output: number[];
  /** Shapes of its weights: kernel and bias, or none. */
  weights: number[][];
  /** Trainable numbers. */
  parameters: number;
  /** Bytes of its output as float32. */
  activationBytes: number;
  /** Multiply-adds. */
  multiplyAdds: number;
}

/** What a whole model costs. */
export interface ModelCost {
  /** First layer to last. */
  layers: LayerCost[];
  /** Trainable numbers. */
  parameters: number;
  /** Bytes of the parameters as float32. */
  bytes: number;
  /** Bytes of every activation together, the input's included. */
  activationBytes: number;
  /** Bytes alive at once at the most: all weights, and the largest input and output of one layer. */
  peakBytes: number;
  /** Multiply-adds for one image. */
  multiplyAdds: number;
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, extent) => total * extent, 1);
}

/** Throws unless convolutions and pools read images, and dense layers rows. */
function checkRank(
  spec: ModelSpec,
  layer: LayerSpec,
  input: readonly number[],
): void {
  const image = IMAGE_LAYERS.includes(layer.kind);
  if (!image && layer.kind !== "dense") return;
  if (input.length !== (image ? 3 : 1)) {
    throw new RangeError(
      `Cannot build ${spec.name}: layer ${layer.name} must read ${
        image ? "an image" : "a flattened row"
      }: its input is ${input.join("×")}`,
    );
  }
}

/** Output and weight shapes, and multiply-adds, of `layer` on `input`. */
function layerShapes(
  layer: LayerSpec,
  input: readonly number[],
): { output: number[]; weights: number[][]; multiplyAdds: number } {
  const [height, width, channels] = input;
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d": {
      const { size, stride, padding } = layer;
      // A depthwise kernel has one filter for each channel, and reads one channel.
      const filters = layer.kind === "conv2d" ? layer.filters : channels;
      const output = [
        windowSpan(height, size, stride, padding).count,
        windowSpan(width, size, stride, padding).count,
        filters,
      ];
      const kernel = layer.kind === "conv2d"
        ? [size, size, channels, filters]
        : [size, size, channels, 1];
      const field = product(kernel) / filters;
      const multiplyAdds = product(output) * field;
      return { output, weights: [kernel, [filters]], multiplyAdds };
    }
    case "globalAveragePool2d":
      return { output: [channels], weights: [], multiplyAdds: 0 };
    case "maxPool2d":
    case "averagePool2d": {
      const output = [
        Math.floor(height / layer.size),
        Math.floor(width / layer.size),
        channels,
      ];
      return { output, weights: [], multiplyAdds: 0 };
    }
    case "dense": {
      const weights = [[product(input), layer.units], [layer.units]];
      const multiplyAdds = product(weights[0]);
      return { output: [layer.units], weights, multiplyAdds };
    }
    case "flatten":
      return { output: [product(input)], weights: [], multiplyAdds: 0 };
    default:
      return { output: [...input], weights: [], multiplyAdds: 0 };
  }
}

/**
 * Parameters, bytes, activations and multiply-adds of `spec`, layer by layer.
 *
 * For a convolution of k×k on c channels to f filters: (k²c + 1)·f parameters
 * and h′w′f·k²c multiply-adds; for a depthwise one: (k² + 1)·c and h′w′c·k²; for
 * a dense layer of u units on d inputs: (d + 1)·u and d·u. Throws a `RangeError`
 * where an image is too small for a layer, or a layer reads what is no image or no
 * row.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { modelCost } from "./cost.ts";
 * import { teacherSpec } from "./teacher.ts";
 *
 * const cost = modelCost(teacherSpec());
 * assertEquals(cost.layers.map((layer) => layer.parameters).filter(Boolean), [320, 18496, 1179776, 1290]);
 * assertEquals(cost.bytes, 4_799_528);
 * ```
 */
export function modelCost(spec: ModelSpec): ModelCost {
  checkSpec(spec);
  let input: readonly number[] = spec.input;
  let largest = 0;
  const layers = spec.layers.map((layer): LayerCost => {
    checkRank(spec, layer, input);
    const { output, weights, multiplyAdds } = layerShapes(layer, input);
    if (output.some((extent) => extent < 1)) {
      throw new RangeError(
        `Cannot build ${spec.name}: layer ${layer.name} must have an output of at least 1×1: its input is ${
          input.join("×")
        }`,
      );
    }
    largest = Math.max(largest, product(input) + product(output));
    input = output;
    return {
      layer,
      output,
      weights,
      parameters: weights.map(product).reduce((a, b) => a + b, 0),
      activationBytes: product(output) * FLOAT_BYTES,
      multiplyAdds,
    };
  });
  const total = (of: (layer: LayerCost) => number) =>
    layers.reduce((sum, layer) => sum + of(layer), 0);
  const bytes = total((layer) => layer.parameters) * FLOAT_BYTES;
  return {
    layers,
    parameters: total((layer) => layer.parameters),
    bytes,
    activationBytes: product(spec.input) * FLOAT_BYTES +
      total((layer) => layer.activationBytes),
    peakBytes: bytes + largest * FLOAT_BYTES,
    multiplyAdds: total((layer) => layer.multiplyAdds),
  };
}

/**
 * Trainable numbers of `spec`: the sum over its layers, as
 * {@linkcode modelCost} counts them. Throws what that throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countParameters } from "./cost.ts";
 * import { studentSpec } from "./student.ts";
 *
 * assertEquals(countParameters(studentSpec({ hidden: 1 })), 28_053);
 * ```
 */
export function countParameters(spec: ModelSpec): number {
  return modelCost(spec).parameters;
}

/**
 * Shapes of all weights, in the order in which models hold and save them: of
 * each convolution `[size, size, channels, filters]` and `[filters]`, of each
 * depthwise one `[size, size, channels, 1]` and `[channels]`, of each dense layer
 * `[inputs, units]` and `[units]`. Throws what {@linkcode modelCost} throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { weightShapes } from "./cost.ts";
 * import { studentSpec } from "./student.ts";
 *
 * const shapes = weightShapes(studentSpec({ hidden: 6 }));
 * assertEquals(shapes.slice(4), [[9216, 6], [6], [6, 10], [10]]);
 * ```
 */
export function weightShapes(spec: ModelSpec): number[][] {
  return modelCost(spec).layers.flatMap((layer) => layer.weights);
}

/**
 * Number of classes that `spec` tells apart: numbers in its last layer's output.
 * Throws what {@linkcode modelCost} throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { classCount } from "./cost.ts";
 * import { teacherSpec } from "./teacher.ts";
 *
 * assertEquals(classCount(teacherSpec()), 10);
 * ```
 */
export function classCount(spec: ModelSpec): number {
  return product(modelCost(spec).layers.at(-1)?.output ?? []);
}
