import { addBias } from "../kernels/ops/add_bias.ts";
import { biasRelu } from "../kernels/ops/bias_relu.ts";
import { biasReluMaxPool } from "../kernels/ops/bias_relu_max_pool.ts";
import { dropOut } from "../kernels/ops/drop_out.ts";
import type { PoolSize } from "../kernels/ops/max_pool_scatter.ts";
import { drawCounterKey } from "../random/counter.ts";
import type { DropoutRange } from "../random/dropout_mask.ts";
import { randomStream } from "../random/stream.ts";
import * as tf from "../tf.ts";
import type { LayerSpec } from "./spec.ts";

/** Where a training step's dropout masks come from. */
export interface DropoutSource {
  /** Seed of the training run. */
  seed: number;
  /** Steps taken before this one. */
  step: number;
  /** Rows of the batch before those that are fed; 0 unless given. */
  firstRow?: number;
}

/** Elements in a row of `x`, or in what is left of it by pooling. */
function rowSize({ shape }: tf.Tensor, pool?: PoolSize): number {
  const [, ...extents] = shape;
  if (pool) {
    extents[0] = Math.floor(extents[0] / pool[0]);
    extents[1] = Math.floor(extents[1] / pool[1]);
  }
  return tf.util.sizeFromShape(extents);
}

/**
 * What `layer` drops of rows of `size` elements, if it is a dropout layer. A
 * row's mask depends on its place in the whole batch, so that the batch may be
 * fed in parts.
 */
function dropoutOf(
  layer: LayerSpec | undefined,
  index: number,
  size: number,
  source?: DropoutSource,
): DropoutRange | undefined {
  if (!source || layer?.kind !== "dropout" || layer.rate === 0) return;
  const { seed, step, firstRow = 0 } = source;
  return {
    rate: layer.rate,
    key: drawCounterKey(randomStream(seed, "dropout", index, step)),
    first: firstRow * size,
  };
}

/**
 * Feeds `x` through `layers` up to, and without, a softmax: the logits
 * `[n, classes]` where a dense layer ends them, features otherwise.
 *
 * `weights` are kernel and bias of each convolution and dense layer in order.
 * Dropout applies only where `dropout` is given, that is in training. Bias, relu,
 * and max-pooling and dropout that follow, are one operation.
 */
export function forward(
  layers: LayerSpec[],
  weights: tf.Tensor[],
  x: tf.Tensor,
  dropout?: DropoutSource,
): tf.Tensor {
  const dropoutAt = (index: number, size: number) =>
    dropoutOf(layers[index], index, size, dropout);
  let next = 0;
  for (let index = 0; index < layers.length; index++) {
    const layer = layers[index];
    switch (layer.kind) {
      case "conv2d":
      case "dense": {
        const kernel = weights[next++];
        const bias = weights[next++];
        const z = layer.kind === "conv2d"
          ? tf.conv2d(rank4(x), rank4(kernel), 1, "valid")
          : tf.matMul(x, kernel);
        if (layer.activation === "linear") {
          x = addBias(z, bias);
          break;
        }
        const pool = windowOf(layer, layers[index + 1]);
        if (pool) index++;
        const range = dropoutAt(index + 1, rowSize(z, pool));
        if (range) index++;
        x = pool
          ? biasReluMaxPool(z, bias, pool, range)
          : biasRelu(z, bias, range);
        break;
      }
      case "maxPool2d":
        x = tf.maxPool(rank4(x), layer.size, layer.size, "valid");
        break;
      case "flatten":
        x = tf.reshape(x, [x.shape[0], -1]);
        break;
      case "dropout": {
        const range = dropoutAt(index, rowSize(x));
        if (range) x = dropOut(x, range);
        break;
      }
      case "softmax":
        break;
    }
  }
  return x;
}

/** The window of a pooling layer that follows a convolution, if one does. */
function windowOf(
  layer: LayerSpec,
  following: LayerSpec | undefined,
): PoolSize | undefined {
  if (layer.kind !== "conv2d" || following?.kind !== "maxPool2d") return;
  return [following.size, following.size];
}

/** The same tensor under the type that tfjs asks of images and kernels. */
function rank4(x: tf.Tensor): tf.Tensor4D {
  const [a, b, c, d] = x.shape;
  return tf.reshape(x, [a, b, c, d]);
}
