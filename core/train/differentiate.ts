import * as tf from "../tf.ts";
import type { BatchPart, Gradients, Learner } from "./learner.ts";

/** Feeds a batch forward and back. The tensors that it returns are the caller's. */
export type Differentiate = (
  weights: tf.Tensor[],
  batch: Uint32Array<ArrayBuffer>,
  step: number,
) => Promise<Gradients>;

/**
 * The share of `part` in the gradient of a batch, by `learner` on the current
 * backend: the shares of parts that make up the batch add up to the whole. All of
 * the batch unless `part` is given.
 */
export function differentiatePart(
  learner: Learner,
  weights: tf.Tensor[],
  batch: Uint32Array<ArrayBuffer>,
  step: number,
  part?: BatchPart,
): Gradients {
  if (learner.differentiate) {
    return learner.differentiate(weights, batch, step, part);
  }
  return tf.tidy(() => {
    let outcome = tf.zeros([2, learner.members]);
    const { grads } = tf.valueAndGrads((...current: tf.Tensor[]) => {
      const { losses, correct } = learner.feed(current, batch, step, part);
      outcome = tf.keep(tf.stack([tf.mul(losses, batch.length), correct]));
      return tf.sum<tf.Scalar>(losses);
    })(weights);
    return { gradients: grads, outcome };
  });
}

/** Feeds whole batches through `learner` on the current backend. */
export function differentiateHere(learner: Learner): Differentiate {
  return (weights, batch, step) =>
    Promise.resolve(differentiatePart(learner, weights, batch, step));
}
