import type * as tf from "../../tf.ts";

/** Accumulators of an optimiser: for each weight, the same number of tensors. */
export type OptimiserState = tf.Tensor[][];

/** New weights with the accumulators that go with them. */
export interface OptimiserStep {
  /** The weights, moved. */
  weights: tf.Tensor[];
  /** What the next step starts from. */
  state: OptimiserState;
}

/**
 * An optimiser as two pure functions. Tensors that they are given stay as they
 * are, and the caller's to dispose of.
 */
export interface Optimiser {
  /** Accumulators for weights that have not been updated yet. */
  start(weights: tf.Tensor[]): OptimiserState;
  /**
   * Weights and accumulators after a step against `gradients`, scaled by
   * `learningRate`; `count` is the number of this step, from 1.
   */
  update(
    options: {
      weights: tf.Tensor[];
      gradients: tf.Tensor[];
      state: OptimiserState;
      learningRate: number;
      count: number;
    },
  ): OptimiserStep;
}

/** An optimiser made of a rule for one weight with `slots` accumulators. */
export function perWeight(
  slots: (weight: tf.Tensor) => tf.Tensor[],
  rule: (
    options: {
      weight: tf.Tensor;
      gradient: tf.Tensor;
      slots: tf.Tensor[];
      learningRate: number;
      count: number;
    },
  ) => { weight: tf.Tensor; slots: tf.Tensor[] },
): Optimiser {
  return {
    start: (weights) => weights.map(slots),
    update: ({ weights, gradients, state, learningRate, count }) => {
      const steps = weights.map((weight, index) =>
        rule({
          weight,
          gradient: gradients[index],
          slots: state[index],
          learningRate,
          count,
        })
      );
      return {
        weights: steps.map((step) => step.weight),
        state: steps.map((step) => step.slots),
      };
    },
  };
}
