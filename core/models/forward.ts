import { fillDropoutMask } from "../random/dropout_mask.ts";
import { randomStream } from "../random/stream.ts";
import * as tf from "../tf.ts";
import type { Activation, LayerSpec } from "./spec.ts";

/** Where a training step's dropout masks come from. */
export interface DropoutSource {
  /** Seed of the training run. */
  seed: number;
  /** Steps taken before this one. */
  step: number;
}

function activate(x: tf.Tensor, activation: Activation): tf.Tensor {
  return activation === "relu" ? tf.relu(x) : x;
}

/** x ⊙ m with a mask m drawn for this seed, step and layer. */
function dropOut(
  x: tf.Tensor,
  rate: number,
  layer: number,
  { seed, step }: DropoutSource,
): tf.Tensor {
  const mask = fillDropoutMask(
    new Float32Array(x.size),
    rate,
    randomStream(seed, "dropout", layer, step),
  );
  return tf.mul(x, tf.tensor(mask, x.shape));
}

/**
 * Feeds `x` through `layers` up to, and without, a softmax: the logits
 * `[n, classes]` where a dense layer ends them, features otherwise.
 *
 * `weights` are kernel and bias of each convolution and dense layer in order.
 * Dropout applies only where `dropout` is given, that is in training.
 */
export function forward(
  layers: LayerSpec[],
  weights: tf.Tensor[],
  x: tf.Tensor,
  dropout?: DropoutSource,
): tf.Tensor {
  let next = 0;
  layers.forEach((layer, index) => {
    switch (layer.kind) {
      case "conv2d": {
        const sum = tf.conv2d(rank4(x), rank4(weights[next]), 1, "valid");
        x = activate(tf.add(sum, weights[next + 1]), layer.activation);
        next += 2;
        break;
      }
      case "maxPool2d":
        x = tf.maxPool(rank4(x), layer.size, layer.size, "valid");
        break;
      case "flatten":
        x = tf.reshape(x, [x.shape[0], -1]);
        break;
      case "dense": {
        const sum = tf.matMul(x, weights[next]);
        x = activate(tf.add(sum, weights[next + 1]), layer.activation);
        next += 2;
        break;
      }
      case "dropout":
        if (dropout && layer.rate > 0) {
          x = dropOut(x, layer.rate, index, dropout);
        }
        break;
      case "softmax":
        break;
    }
  });
  return x;
}

/** The same tensor under the type that tfjs asks of images and kernels. */
function rank4(x: tf.Tensor): tf.Tensor4D {
  const [a, b, c, d] = x.shape;
  return tf.reshape(x, [a, b, c, d]);
}
