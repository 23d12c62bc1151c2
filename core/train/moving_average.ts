import * as tf from "../tf.ts";

/** A moving average of weights, as plain data. */
export interface AveragingSpec {
  /** β: share of the average that a step leaves, 0 or more and below 1. */
  decay: number;
  /** k: steps from one update to the next, which leaves βᵏ of it; 1 unless given. */
  every?: number;
}

/**
 * Throws a `RangeError` unless 0 ≤ β < 1, and k is an integer ≥ 1.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkAveraging } from "./moving_average.ts";
 *
 * assertThrows(() => checkAveraging({ decay: 1 }), RangeError, "decay");
 * ```
 */
export function checkAveraging({ decay, every = 1 }: AveragingSpec): void {
  if (!(decay >= 0 && decay < 1)) {
    throw new RangeError(
      `Cannot average weights: the decay must be ≥ 0 and < 1: current value is ${decay}`,
    );
  }
  if (!Number.isSafeInteger(every) || every < 1) {
    throw new RangeError(
      `Cannot average weights: \`every\` must be an integer ≥ 1: current value is ${every}`,
    );
  }
}

/**
 * Exponential moving average: a ← b·a + (1 − b)·w, with
 * b = min(βᵏ, (1 + t) / (10 + t)) at update t, from 1, so that what a run begins
 * with is soon forgotten. With k > 1 an update costs less a step, and the average is that of
 * every kth step's weights, which differ little from those between.
 *
 * Gives new tensors, of the shapes of `weights`; those that it is given stay.
 *
 * Source: Polyak and Juditsky, "Acceleration of stochastic approximation by
 * averaging", 1992; the start is that of TensorFlow's ExponentialMovingAverage.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { moveAverages } from "./moving_average.ts";
 * import { selectBackend } from "../device/select_backend.ts";
 * import * as tf from "../tf.ts";
 *
 * await selectBackend("cpu");
 * const [average] = moveAverages([tf.scalar(0)], [tf.scalar(1)], { decay: 0.9 }, 1000);
 * assertAlmostEquals((await average.data())[0], 0.1, 1e-6);
 * ```
 */
export function moveAverages(
  average: tf.Tensor[],
  weights: tf.Tensor[],
  { decay, every = 1 }: AveragingSpec,
  update: number,
): tf.Tensor[] {
  const left = Math.min(decay ** every, (1 + update) / (10 + update));
  return tf.tidy(() =>
    weights.map((weight, index) =>
      tf.add(tf.mul(average[index], left), tf.mul(weight, 1 - left))
    )
  );
}
