import type { FloatArray } from "../files/safetensors.ts";
import {
  type ActivationFields,
  type LayerSpec,
  MOST_SHIFT,
} from "./layers/layer.ts";
import { type LayerShape, shapeLayers } from "./shapes.ts";
import type { ModelSpec } from "./spec.ts";

export { isInteger } from "./layers/integer_layers.ts";

/** Sums stay below: to here float32 has every integer, whatever the order of additions. */
export const INTEGER_LIMIT = 2 ** 24;

/** The largest pixel: a model of integers reads bytes as they are. */
export const LARGEST_BYTE = 255;

/** `shift`, of one channel of a layer. */
export function shiftOf(
  { shift = 0 }: Pick<ActivationFields, "shift">,
  channel: number,
): number {
  return typeof shift === "number" ? shift : shift[channel];
}

/** What is added to a sum before it is divided by 2^s: half of that, and nothing where s is 0. */
export function halfOf(shift: number): number {
  return shift > 0 ? 2 ** (shift - 1) : 0;
}

/** The largest number that a rounding gives. */
export function mostOf({ bits = 8 }: Pick<ActivationFields, "bits">): number {
  return 2 ** bits - 1;
}

/** Which of `layers` gives the logits. */
function lastSums(layers: readonly LayerSpec[]): number {
  return layers.findLastIndex(({ kind }) =>
    kind !== "softmax" && kind !== "dropout"
  );
}

/** By how many bits the sums of `spec`, a model of integers, are shifted to be logits. */
export function logitShift({ layers }: ModelSpec): number {
  const last = layers[lastSums(layers)];
  return "shift" in last && typeof last.shift === "number" ? last.shift : 0;
}

/**
 * `spec`, a model of integers, with logits that are its sums times the power of two nearest to
 * `unit`, what these are multiples of.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { withLogitShift } from "./integer.ts";
 * import { parseLayers } from "./parse_layers.ts";
 *
 * const { layers } = withLogitShift(parseLayers("dense4:round7"), 0.007);
 * const last = layers[layers.length - 2];
 * assertEquals(last.kind === "dense" && last.shift, 7);
 * ```
 */
export function withLogitShift(spec: ModelSpec, unit: number): ModelSpec {
  const shift = Math.round(-Math.log2(unit));
  const within = Math.min(Math.max(shift, 0), MOST_SHIFT);
  const last = lastSums(spec.layers);
  return {
    ...spec,
    layers: spec.layers.map((layer, index) =>
      index === last &&
        (layer.kind === "dense" || layer.kind === "globalAveragePool2d")
        ? { ...layer, activation: "linear", shift: within }
        : layer
    ),
  };
}

/** How large numbers may become, whatever the image. */
export interface IntegerBound {
  /** Which layer's. */
  name: string;
  /** The largest max|x| · Σ|w| + |b| + what rounding adds, of an output. */
  most: number;
}

/**
 * The largest |sum| of each layer of a model of integers, from its weights alone: for each
 * output max|x| · Σ|w| + |b|, with what its rounding adds; of sums of n places n · max|x|, of
 * a residual sum 2^lift · max|x| and what its layers give. Each partial sum is as
 * large at the most, in any order, so that below 2^24 float32 and int32 have all of them
 * exactly.
 *
 * Throws a `RangeError` where a bound isn't below {@linkcode INTEGER_LIMIT}, a weight is no
 * integer, or a layer has another number of shifts than channels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boundIntegers } from "./integer.ts";
 * import { parseLayers } from "./parse_layers.ts";
 *
 * const spec = parseLayers("dense1:round3", { input: [1, 1, 1], classes: 1 });
 * const weights = [[1, 1], [1], [1, 1], [1]].map((shape, i) => ({
 *   shape,
 *   values: Float32Array.of([-2, 5, 3, 7][i]),
 * }));
 * const bounds = boundIntegers(spec, weights).map(({ most }) => most);
 * assertEquals(bounds, [255 * 2 + 5 + 4, 255 * 3 + 7]);
 * ```
 */
export function boundIntegers(
  spec: ModelSpec,
  weights: readonly FloatArray[],
): IntegerBound[] {
  const shapes: Iterator<LayerShape> = shapeLayers(spec).values();
  const values = weights.values();
  const bounds: IntegerBound[] = [];
  const refuse = (name: string, rule: string, value: unknown): never => {
    throw new RangeError(
      `Cannot use ${spec.name} as a model of integers: ${rule}: layer ${name} has ${value}`,
    );
  };
  const integersOf = (name: string): Float32Array => {
    const { value } = values.next();
    const found: Float32Array = value?.values ?? new Float32Array();
    const wrong = found.find((each) => !Number.isInteger(each));
    if (wrong !== undefined) {
      refuse(name, "weights must be integers", wrong);
    }
    return found;
  };
  /** The largest number that `layer` gives, of whose channels' sums these are the largest. */
  const follow = (
    layer: Partial<ActivationFields> & { name: string },
    sums: ArrayLike<number>,
    channels: number,
  ): number => {
    const { name, activation, slope = 1, shift } = layer;
    if (typeof shift === "object" && shift.length !== channels) {
      refuse(
        name,
        `there must be one shift, or one for each of ${channels} channels`,
        shift.length,
      );
    }
    let most = 0;
    for (let channel = 0; channel < channels; channel++) {
      const added = activation === "round"
        ? halfOf(shiftOf(layer, channel) - Math.log2(slope))
        : 0;
      most = Math.max(most, sums[channel % sums.length] + added);
    }
    if (!(most < INTEGER_LIMIT)) {
      refuse(
        name,
        "max|x| · Σ|w| + |b| and what rounding adds must be below 2^24 for each output",
        most,
      );
    }
    bounds.push({ name, most });
    return activation === "round" ? mostOf(layer) : most;
  };
  const walk = (layers: readonly LayerSpec[], most: number): number => {
    for (const layer of layers) {
      const read = most;
      const held = layer.kind === "residual" ? walk(layer.layers, most) : 0;
      const { value: shape } = shapes.next();
      const channels: number = shape.output[shape.output.length - 1];
      switch (layer.kind) {
        case "conv2d":
        case "depthwiseConv2d":
        case "dense": {
          const kernel = integersOf(layer.name);
          const sums = Float64Array.from(integersOf(layer.name), Math.abs);
          for (let i = 0; i < kernel.length; i++) {
            sums[i % sums.length] += read * Math.abs(kernel[i]);
          }
          most = follow(layer, sums, channels);
          break;
        }
        case "averagePool2d":
        case "globalAveragePool2d": {
          const [rows, columns] = layer.kind === "averagePool2d"
            ? [layer.size].flat()
            : shape.input;
          const places = rows * (columns ?? rows);
          most = follow(layer, [read * places], channels);
          break;
        }
        case "residual": {
          const { lift = 0 } = layer;
          most = follow(layer, [read * 2 ** lift + held], channels);
          break;
        }
        case "maxPool2d":
        case "globalMaxPool2d":
        case "flatten":
        case "dropout":
        case "softmax":
          break;
        default:
          layer satisfies never;
      }
    }
    return most;
  };
  walk(spec.layers, LARGEST_BYTE);
  return bounds;
}
