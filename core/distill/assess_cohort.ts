import { consecutiveBatches } from "../data/batches.ts";
import { confirmDeviceHealthy } from "../device/health.ts";
import * as tf from "../tf.ts";
import type { Assessment } from "../train/evaluate_model.ts";
import { readTargets } from "./batch_targets.ts";
import {
  feedGroup,
  type GroupConstants,
  groupWeights,
} from "./cohort_group.ts";
import type { CohortLayout } from "./cohort_layout.ts";
import type { FeatureFile } from "./feature_file.ts";
import { readFeatureProduct } from "./feature_rows.ts";
import type { FeaturePart } from "./feature_store.ts";
import { orderMembers } from "./order_members.ts";

const BATCH = 250;

/**
 * Each member's score and predictions on all images of `part`, without dropout:
 * all groups read a batch of 250 at once. `weights` stay the caller's.
 */
export async function assessCohort(
  { layout: { members, classes, groups }, constants, weights, part, file }: {
    layout: CohortLayout;
    constants: GroupConstants[];
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
    const [lossSums, ...predicted] = tf.tidy(() => {
      const product = readFeatureProduct(file, batch);
      const targets = readTargets(part, batch, classes);
      const outcomes = groups.map((_, index) =>
        feedGroup(
          groupWeights(weights, index),
          product,
          targets,
          constants[index],
        )
      );
      return [
        orderMembers(groups, outcomes.map(({ losses }) => tf.sum(losses, 0))),
        ...outcomes.map(({ predicted }) => predicted),
      ];
    });
    const [sums, ...answers] = await Promise.all(
      [lossSums, ...predicted].map((tensor) => tensor.data()),
    );
    tf.dispose([lossSums, predicted]);
    groups.forEach((group, index) => {
      const size = group.members.length;
      group.members.forEach((member, place) => {
        const { score, predictions } = results[member];
        score.loss += sums[member] / part.count;
        for (let row = 0; row < batch.length; row++) {
          const answer = answers[index][row * size + place];
          predictions[batch[row]] = answer;
          score.accuracy += Number(answer === part.labels[batch[row]]);
        }
      });
    });
  }
  await confirmDeviceHealthy();
  for (const { score } of results) score.accuracy /= part.count;
  return results;
}
