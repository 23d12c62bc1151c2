import { CONV2D_FORMS } from "./conv2d.ts";
import { DENSE_FORMS } from "./dense.ts";
import { DEPTHWISE_CONV2D_FORMS } from "./depthwise_conv2d.ts";
import { DROPOUT_FORMS } from "./dropout.ts";
import { FLATTEN_FORMS } from "./flatten.ts";
import type { LayerForms, LayerKind, LayerSpec } from "./layer.ts";
import {
  AVERAGE_POOL2D_FORMS,
  GLOBAL_AVERAGE_POOL2D_FORMS,
  GLOBAL_MAX_POOL2D_FORMS,
  MAX_POOL2D_FORMS,
} from "./pools.ts";
import { RESIDUAL_FORMS } from "./residual.ts";
import { SOFTMAX_FORMS } from "./softmax.ts";

/**
 * How every kind of layer is written and told. Beside the rules, not in them: pages
 * that only decode and run a model carry none of it.
 */
export const LAYER_FORMS: { readonly [K in LayerKind]: LayerForms<K> } = {
  conv2d: CONV2D_FORMS,
  depthwiseConv2d: DEPTHWISE_CONV2D_FORMS,
  dense: DENSE_FORMS,
  maxPool2d: MAX_POOL2D_FORMS,
  averagePool2d: AVERAGE_POOL2D_FORMS,
  dropout: DROPOUT_FORMS,
  globalAveragePool2d: GLOBAL_AVERAGE_POOL2D_FORMS,
  globalMaxPool2d: GLOBAL_MAX_POOL2D_FORMS,
  residual: RESIDUAL_FORMS,
  flatten: FLATTEN_FORMS,
  softmax: SOFTMAX_FORMS,
};

function isLayerKind(kind: string): kind is LayerKind {
  return Object.hasOwn(LAYER_FORMS, kind);
}

/** All kinds, in the order in which readers are told of them. */
export const LAYER_KINDS: readonly LayerKind[] = Object.keys(LAYER_FORMS)
  .filter(isLayerKind);

/** Kind and settings of `layer`, in a summary: "conv2d 3×3/2 same relu". */
export function summariseLayer<K extends LayerKind>(
  layer: LayerSpec<K>,
): string {
  const forms: LayerForms<K> = LAYER_FORMS[layer.kind];
  return forms.summarise(layer);
}

/**
 * What `layer` does, in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeLayer } from "./layer_forms.ts";
 *
 * assertEquals(
 *   describeLayer({ kind: "conv2d", name: "a", filters: 8, size: 5, stride: 2, activation: "relu" }),
 *   "convolution 5×5, 8 filters, stride 2",
 * );
 * ```
 */
export function describeLayer<K extends LayerKind>(
  layer: LayerSpec<K>,
): string {
  const forms: LayerForms<K> = LAYER_FORMS[layer.kind];
  return forms.describe(layer);
}

/** The words of layers, as readers are told them: `convKxF`, `depthK` and so on. */
export function listLayerWords(): string[] {
  return Object.values(LAYER_FORMS).flatMap(({ text }) =>
    text ? [text.form] : []
  );
}
