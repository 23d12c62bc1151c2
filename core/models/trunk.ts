import type { FloatArray } from "../files/safetensors.ts";
import { modelCost } from "./cost.ts";
import { omitDropout } from "./layers/layers.ts";
import type { LayerSpec, ModelSpec } from "./spec.ts";

/** A model cut in two: convolutions up to the flattened features, and the rest. */
export interface CutModel {
  /** Layers up to and including `flatten`, without dropout. */
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

/**
 * The layers of `spec` up to and including `flatten`, without dropout.
 *
 * Throws a `RangeError` where it has no such layer.
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
  const end = spec.layers.findIndex(({ kind }) => kind === "flatten");
  if (end < 0) {
    throw new RangeError(
      `Cannot cut ${spec.name} into convolutions and a head: it must have a flatten layer: it has none`,
    );
  }
  return omitDropout(spec.layers.slice(0, end + 1));
}

/**
 * Cuts a model after its `flatten` layer.
 *
 * Throws a `RangeError` where it has none.
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
  const [end] = spec.layers.filter(({ kind }) => kind === "flatten");
  const flatten = layers.findIndex(({ layer }) => layer === end);
  const before = layers.slice(0, flatten + 1);
  const count = before.reduce((sum, layer) => sum + layer.weights.length, 0);
  return {
    trunk,
    trunkWeights: weights.slice(0, count),
    head: spec.layers.slice(spec.layers.indexOf(end) + 1),
    headWeights: weights.slice(count),
    features: layers[flatten].output[0],
  };
}
