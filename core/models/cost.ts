import { product } from "./layers/layer.ts";
import { type LayerShape, shapeLayers } from "./shapes.ts";
import { checkSpec, type LayerSpec, type ModelSpec } from "./spec.ts";

export type { LayerShape };

const FLOAT_BYTES = 4;

/** What one layer costs, for one image fed forward. */
export interface LayerCost extends LayerShape {
  /** Trainable numbers. */
  parameters: number;
  /** Bytes of its output as float32. */
  activationBytes: number;
  /** Multiply-adds. */
  multiplyAdds: number;
}

/** What a whole model costs. */
export interface ModelCost {
  /** In the order in which they compute: those that a layer holds stand before it. */
  layers: readonly LayerCost[];
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

function costLayer(shape: LayerShape): LayerCost {
  const { output, weights } = shape;
  const [kernel, bias] = weights.map(product);
  return {
    ...shape,
    parameters: kernel ? kernel + bias : 0,
    activationBytes: product(output) * FLOAT_BYTES,
    // Each output sums what one of its kernel's parts reads.
    multiplyAdds: kernel ? product(output) * kernel / bias : 0,
  };
}

/** Most numbers of an input and an output of `layers` together, with what waits to be added. */
function largestPair(
  layers: readonly LayerSpec[],
  next: () => LayerShape,
): number {
  let largest = 0;
  for (const layer of layers) {
    const held = layer.kind === "residual"
      ? largestPair(layer.layers, next)
      : 0;
    const { input, output } = next();
    largest = Math.max(
      largest,
      held && held + product(input),
      product(input) + product(output),
    );
  }
  return largest;
}

/** Specs that are known to be usable, and what they cost. */
const COSTS = new WeakMap<ModelSpec, ModelCost>();

/** `layers`, never to change: what is known of them stays true. */
function freezeLayers(layers: LayerSpec[]): void {
  Object.freeze(layers);
  for (const layer of layers) {
    if (layer.kind === "residual") freezeLayers(layer.layers);
    Object.freeze(layer);
  }
}

/**
 * Parameters, bytes, activations and multiply-adds of `spec`, layer by layer.
 *
 * For a convolution of k×k on c channels to f filters: (k²c + 1)·f parameters
 * and h′w′f·k²c multiply-adds; for a depthwise one of m a channel: (k² + 1)·c·m and h′w′c·m·k²; for
 * a dense layer of u units on d inputs: (d + 1)·u and d·u. A spec is checked and
 * costed once: it is frozen, so that what is known of it stays true. Throws a
 * `RangeError` where {@linkcode checkSpec} does, an image is too small for a layer, a
 * layer reads what is no image or no row, or a residual layer's layers give another
 * shape than they read.
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
  const known = COSTS.get(spec);
  if (known) return known;
  checkSpec(spec);
  const layers = shapeLayers(spec).map(costLayer);
  let place = 0;
  const largest = largestPair(spec.layers, () => layers[place++]);
  const total = (of: (layer: LayerCost) => number) =>
    layers.reduce((sum, layer) => sum + of(layer), 0);
  const bytes = total((layer) => layer.parameters) * FLOAT_BYTES;
  const cost: ModelCost = {
    layers,
    parameters: total((layer) => layer.parameters),
    bytes,
    activationBytes: product(spec.input) * FLOAT_BYTES +
      total((layer) => layer.activationBytes),
    peakBytes: bytes + largest * FLOAT_BYTES,
    multiplyAdds: total((layer) => layer.multiplyAdds),
  };
  Object.freeze(spec);
  Object.freeze(spec.input);
  freezeLayers(spec.layers);
  COSTS.set(spec, cost);
  return cost;
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
 * depthwise one `[size, size, channels, m]` and `[channels · m]`, of each dense layer
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
  return modelCost(spec).layers.flatMap(({ weights }) =>
    weights.map((shape) => [...shape])
  );
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
