import type { ImageShape } from "../data/dataset.ts";
import { checkLayer } from "./layers/check_layer.ts";
import { checkIntegerLayers } from "./layers/integer_layers.ts";
import {
  checkCount,
  type LayerSpec,
  MAX_UNITS,
  type Refuse,
} from "./layers/layer.ts";
import { listLayers, omitDropout } from "./layers/layers.ts";

export { MAX_UNITS };
export type {
  Activation,
  ActivationFields,
  ConvolutionFields,
  Extent,
  LayerFields,
  LayerKind,
  LayerSpec,
  Padding,
  RoundingFields,
  RoundingShift,
  WindowFields,
} from "./layers/layer.ts";

/** A network as plain, serialisable data: layers in a row, a softmax last. */
export interface ModelSpec {
  /** What reports and saved files call it. */
  name: string;
  /** Extent of one input image. */
  input: ImageShape;
  /** First to last. */
  layers: LayerSpec[];
}

/**
 * Throws a `RangeError` unless every count of `spec` is a positive integer
 * within bounds, padding and activations are known, rates lie in [0, 1), names differ,
 * a softmax ends it, and all or none of its numbers are integers.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkSpec } from "./spec.ts";
 *
 * const spec = { name: "empty", input: [28, 28, 1] as const, layers: [] };
 * assertThrows(() => checkSpec(spec), RangeError, "softmax");
 * ```
 */
export function checkSpec(spec: ModelSpec): void {
  const refuse: Refuse = (rule, value) => {
    throw new RangeError(
      `Cannot use model ${spec.name}: ${rule}: current value is ${value}`,
    );
  };
  spec.input.forEach((extent) => checkCount("input extents", extent, refuse));
  const all = listLayers(spec.layers);
  const names = all.map((layer) => layer.name);
  if (new Set(names).size < names.length) {
    refuse("layers must have different names", names.join(", "));
  }
  for (const layer of all) checkLayer(layer, refuse);
  checkIntegerLayers(spec.layers, refuse);
  const kinds = all.map((layer) => layer.kind);
  if (
    kinds.indexOf("softmax") !== kinds.length - 1 ||
    spec.layers.at(-1)?.kind !== "softmax"
  ) {
    refuse("exactly one softmax must end the layers", kinds.join(", "));
  }
}

/**
 * `spec` as it classifies: without dropout, which does nothing but in training.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { withoutDropout } from "./spec.ts";
 * import { studentSpec } from "./student.ts";
 *
 * const { layers } = withoutDropout(studentSpec({ hidden: 6 }));
 * assertEquals(layers.some(({ kind }) => kind === "dropout"), false);
 * ```
 */
export function withoutDropout(spec: ModelSpec): ModelSpec {
  return { ...spec, layers: omitDropout(spec.layers) };
}
