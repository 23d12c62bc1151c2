import * as tf from "../tf.ts";
import type { Differentiate } from "./differentiate.ts";
import type { Optimiser } from "./optimisers/optimiser.ts";
import type { TrainingState } from "./training_state.ts";

/**
 * One step: the gradient of the members' mean losses on the batch, and the
 * optimiser's update of `state`. Returns what the batch was like, `[2, members]`:
 * sums of losses and counts of correct answers.
 */
export async function takeStep(
  differentiate: Differentiate,
  optimiser: Optimiser,
  state: TrainingState,
  batch: Uint32Array<ArrayBuffer>,
  learningRate: number,
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
  return outcome;
}
