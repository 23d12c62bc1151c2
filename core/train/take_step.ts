import * as tf from "../tf.ts";
import type { Differentiate } from "./differentiate.ts";
import { type AveragingSpec, moveAverages } from "./moving_average.ts";
import type { Optimiser } from "./optimisers/optimiser.ts";
import type { TrainingState } from "./training_state.ts";

/** What one step proceeds by. */
export interface StepOptions {
  /** Feeds the batch forward and back. */
  differentiate: Differentiate;
  optimiser: Optimiser;
  learningRate: number;
  /** How the state's average follows, if it has one. */
  averaging?: AveragingSpec;
}

/**
 * One step: the gradient of the members' mean losses on the batch, and the
 * optimiser's update of `state`, then that of its average. Returns what the batch
 * was like, `[2, members]`: sums of losses and counts of correct answers.
 */
export async function takeStep(
  state: TrainingState,
  batch: Uint32Array<ArrayBuffer>,
  { differentiate, optimiser, learningRate, averaging }: StepOptions,
): Promise<tf.Tensor> {
  const { step } = state.position;
  const { gradients, outcome } = await differentiate(
    state.weights,
    batch,
    step,
  );
  const updated = tf.tidy(() => ({
    ...optimiser.update({
      weights: state.weights,
      gradients,
      state: state.optimiser,
      learningRate,
      count: step + 1,
    }),
  }));
  tf.dispose([gradients, state.weights, state.optimiser]);
  state.weights = updated.weights;
  state.optimiser = updated.state;
  if (averaging && state.average) {
    const { average, weights } = state;
    const updates = (step + 1) / (averaging.every ?? 1);
    if (Number.isInteger(updates)) {
      state.average = moveAverages(average, weights, averaging, updates);
      tf.dispose(average);
    }
  }
  return outcome;
}
