import type { FloatArray } from "../files/safetensors.ts";
import { modelCost } from "./cost.ts";
import { isInteger } from "./layers/integer_layers.ts";
import { omitDropout } from "./layers/layers.ts";
import type { LayerSpec, ModelSpec } from "./spec.ts";

/** A model cut in two: convolutions up to the flattened features, and the rest. */
export interface CutModel {
  /** Layers up to and including the one that makes a row, without dropout. */
  trunk: LayerSpec[];
  /** Kernel and bias of each of those that has them. */
  trunkWeights: FloatArray[];
  /** Layers after it. */
  head: LayerSpec[];
  /** Kernel and bias of each of those that has them. */
  headWeights: FloatArray[];
  /** Number of features between them. */
  features: number;
}

/** The layer that makes a row of images: their numbers, or one number a channel. */
function findRow({ name, layers }: ModelSpec): number {
  if (isInteger(layers)) {
    throw new RangeError(
      `Cannot cut ${name} into convolutions and a head: its numbers must be real: it is a model of integers; it can teach compact students, whose layers are all their own`,
    );
  }
  const end = layers.findIndex(({ kind }) =>
    kind === "flatten" || kind === "globalAveragePool2d" ||
    kind === "globalMaxPool2d"
  );
  if (end >= 0) return end;
  throw new RangeError(
    `Cannot cut ${name} into convolutions and a head: it must have a flatten layer, or a global pool: it has none`,
  );
}

/**
 * The layers of `spec` up to and including the one that makes a row of images, without
 * dropout.
 *
 * Throws a `RangeError` where it has no such layer, and of a model of integers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { teacherSpec } from "./teacher.ts";
 * import { trunkOf } from "./trunk.ts";
 *
 * assertEquals(trunkOf(teacherSpec()).map(({ name }) => name), ["conv1", "conv2", "pool", "flatten"]);
 * ```
 */
export function trunkOf(spec: ModelSpec): LayerSpec[] {
  return omitDropout(spec.layers.slice(0, findRow(spec) + 1));
}

/**
 * Cuts a model after the layer that makes a row of images.
 *
 * Throws a `RangeError` where it has none, and of a model of integers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cutModel } from "./trunk.ts";
 * import { initialWeights } from "./initialise.ts";
 * import { teacherSpec } from "./teacher.ts";
 *
 * const { features, trunkWeights } = cutModel(teacherSpec(), initialWeights(teacherSpec(), 1));
 * assertEquals([features, trunkWeights.length], [9216, 4]);
 * ```
 */
export function cutModel(spec: ModelSpec, weights: FloatArray[]): CutModel {
  const trunk = trunkOf(spec);
  const { layers } = modelCost(spec);
  const end = findRow(spec);
  const place = layers.findIndex(({ layer }) => layer === spec.layers[end]);
  const before = layers.slice(0, place + 1);
  const count = before.reduce((sum, layer) => sum + layer.weights.length, 0);
  return {
    trunk,
    trunkWeights: weights.slice(0, count),
    head: spec.layers.slice(end + 1),
    headWeights: weights.slice(count),
    features: layers[place].output[0],
  };
}
