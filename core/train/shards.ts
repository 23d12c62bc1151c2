import * as tf from "../tf.ts";
import { differentiatePart } from "./differentiate.ts";
import type { BatchPart, Gradients, Learner } from "./learner.ts";

/**
 * Parts that a batch is cut into where its gradient is computed on several
 * threads. Their gradients are added in pairs, the same ones on one, two or four
 * threads, so that the sum doesn't depend on how many there are.
 */
export const SHARDS = 4;

/** The rows of a batch of `size` that belong to shard `index`. */
export function shardPart(size: number, index: number): BatchPart {
  const first = Math.floor(size * index / SHARDS);
  return { first, count: Math.floor(size * (index + 1) / SHARDS) - first };
}

/** Sums of two shards' gradients and outcomes; both are disposed of. */
export function addGradients(a: Gradients, b: Gradients): Gradients {
  const sum = tf.tidy(() => ({
    gradients: a.gradients.map((gradient, index) =>
      tf.add(gradient, b.gradients[index])
    ),
    outcome: tf.add(a.outcome, b.outcome),
  }));
  tf.dispose([a.gradients, a.outcome, b.gradients, b.outcome]);
  return sum;
}

/** The gradient of the shards from `from` up to `to`, a power of two of them. */
export function differentiateShards(
  learner: Learner,
  weights: tf.Tensor[],
  batch: Uint32Array<ArrayBuffer>,
  step: number,
  [from, to]: [number, number],
): Gradients {
  if (to - from === 1) {
    const part = shardPart(batch.length, from);
    return differentiatePart(learner, weights, batch, step, part);
  }
  const middle = (from + to) / 2;
  return addGradients(
    differentiateShards(learner, weights, batch, step, [from, middle]),
    differentiateShards(learner, weights, batch, step, [middle, to]),
  );
}
