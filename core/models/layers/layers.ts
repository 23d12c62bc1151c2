import { CONV2D } from "./conv2d.ts";
import { DENSE } from "./dense.ts";
import { DEPTHWISE_CONV2D } from "./depthwise_conv2d.ts";
import { DROPOUT } from "./dropout.ts";
import { FLATTEN } from "./flatten.ts";
import type { LayerKind, LayerRule, LayerSpec } from "./layer.ts";
import {
  AVERAGE_POOL2D,
  GLOBAL_AVERAGE_POOL2D,
  GLOBAL_MAX_POOL2D,
  MAX_POOL2D,
} from "./pools.ts";
import { RESIDUAL } from "./residual.ts";
import { SOFTMAX } from "./softmax.ts";

/** What every kind of layer needs, and costs. */
const LAYERS: { readonly [K in LayerKind]: LayerRule<K> } = {
  conv2d: CONV2D,
  depthwiseConv2d: DEPTHWISE_CONV2D,
  maxPool2d: MAX_POOL2D,
  averagePool2d: AVERAGE_POOL2D,
  globalAveragePool2d: GLOBAL_AVERAGE_POOL2D,
  globalMaxPool2d: GLOBAL_MAX_POOL2D,
  dropout: DROPOUT,
  flatten: FLATTEN,
  dense: DENSE,
  residual: RESIDUAL,
  softmax: SOFTMAX,
};

/** The shapes of one layer, without the batch. */
export interface LayerShapes {
  /** Of what it makes of its input. */
  output: readonly number[];
  /** Of its weights: kernel and bias, or none. */
  weights: number[][];
}

/**
 * What `layer` makes of `input`; of one that holds layers, what it adds to theirs.
 * Throws by `refuse` where it can't read that.
 */
export function layerShapes<K extends LayerKind>(
  layer: LayerSpec<K>,
  input: readonly number[],
  refuse: (rule: string, input: readonly number[]) => never,
): LayerShapes {
  const rule: LayerRule<K> = LAYERS[layer.kind];
  const { reads } = rule;
  if (reads && input.length !== (reads === "image" ? 3 : 1)) {
    const wanted = reads === "image" ? "an image" : "a flattened row";
    refuse(`read ${wanted}`, input);
  }
  const output = rule.output?.(layer, input) ?? input;
  if (output.some((extent) => extent < 1)) {
    refuse("have an output of at least 1×1", input);
  }
  const kernel = rule.kernel?.(layer, input);
  return { output, weights: kernel ? [kernel, output.slice(-1)] : [] };
}

/** `layers` without dropout, which does nothing but in training. */
export function omitDropout(layers: readonly LayerSpec[]): LayerSpec[] {
  return layers.flatMap((layer): LayerSpec[] => {
    if (layer.kind === "dropout") return [];
    if (layer.kind !== "residual") return [layer];
    return [{ ...layer, layers: omitDropout(layer.layers) }];
  });
}

/** Every layer in the order in which they compute: those that a layer holds before itself. */
export function listLayers(layers: readonly LayerSpec[]): LayerSpec[] {
  return layers.flatMap((layer) =>
    layer.kind === "residual" ? [...listLayers(layer.layers), layer] : [layer]
  );
}
