import * as tf from "../tf.ts";
import { stopDiverged } from "./divergence.ts";
import type { TrainingState } from "./training_state.ts";

/** Σ tensors, of two at a time: `tf.addN` binds them all, and browsers allow ten. */
function addPairwise(tensors: tf.Tensor[]): tf.Tensor {
  if (tensors.length === 1) return tensors[0];
  const middle = tensors.length >>> 1;
  return tf.add(
    addPairwise(tensors.slice(0, middle)),
    addPairwise(tensors.slice(middle)),
  );
}

/**
 * Adds the outcomes of some steps to the epoch's sums, and stops members whose
 * loss is no longer finite.
 */
export async function addOutcomes(
  { position }: TrainingState,
  outcomes: tf.Tensor[],
): Promise<void> {
  const total = tf.tidy(() => addPairwise(outcomes));
  const sums = await total.data();
  tf.dispose([total, outcomes]);
  outcomes.length = 0;
  const { active, members } = position;
  stopDiverged(members, active, sums, position.step);
  active.forEach((member, place) => {
    if (members[member].stopped) return;
    position.lossSums[member] += sums[place];
    position.correct[member] += sums[active.length + place];
  });
}
