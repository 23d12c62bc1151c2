import { consecutiveBatches } from "../data/batches.ts";
import { confirmDeviceHealthy } from "../device/health.ts";
import * as tf from "../tf.ts";
import type { Assessment } from "../train/evaluate_model.ts";
import { readTargets } from "./batch_targets.ts";
import type { CohortLayout } from "./cohort_layout.ts";
import type { FeatureFile } from "./feature_file.ts";
import { readFeatureProduct } from "./feature_rows.ts";
import type { FeaturePart } from "./feature_store.ts";
import { type CohortConstants, feedCohort } from "./feed_cohort.ts";

const BATCH = 250;

/**
 * Each member's score and predictions on all images of `part`, without dropout, in
 * batches of 250. `weights` stay the caller's.
 */
export async function assessCohort(
  { layout: { members, classes }, constants, weights, part, file }: {
    layout: CohortLayout;
    constants: CohortConstants;
    weights: tf.Tensor[];
    part: FeaturePart;
    file: FeatureFile;
  },
): Promise<Assessment[]> {
  const results = members.map(() => ({
    score: { loss: 0, accuracy: 0 },
    predictions: new Uint8Array(part.count),
  }));
  for (const batch of consecutiveBatches(part.count, BATCH)) {
    const [lossSums, predicted] = tf.tidy(() => {
      const { losses, predicted } = feedCohort(
        weights,
        readFeatureProduct(file, batch),
        readTargets(part, batch, classes),
        constants,
      );
      return [tf.sum(losses, 0), predicted];
    });
    const [sums, answers] = await Promise.all([
      lossSums.data(),
      predicted.data(),
    ]);
    tf.dispose([lossSums, predicted]);
    results.forEach(({ score, predictions }, member) => {
      score.loss += sums[member] / part.count;
      for (let row = 0; row < batch.length; row++) {
        const answer = answers[row * members.length + member];
        predictions[batch[row]] = answer;
        score.accuracy += Number(answer === part.labels[batch[row]]);
      }
    });
  }
  await confirmDeviceHealthy();
  for (const { score } of results) score.accuracy /= part.count;
  return results;
}
