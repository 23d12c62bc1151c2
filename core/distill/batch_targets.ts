import { gatherLabels } from "../data/batches.ts";
import * as tf from "../tf.ts";
import { gatherRows } from "../train/evaluate_model.ts";
import type { BatchTargets } from "./feed_cohort.ts";
import type { FeaturePart } from "./feature_store.ts";

/** What the images of `part` at `batch` are compared with. */
export function readTargets(
  { labels, logits }: FeaturePart,
  batch: Uint32Array<ArrayBuffer>,
  classes: number,
): BatchTargets {
  return {
    labels: tf.tensor1d(gatherLabels(labels, batch, classes), "int32"),
    teacherLogits: tf.tensor2d(
      gatherRows(logits, classes, batch),
      [batch.length, classes],
    ),
  };
}
