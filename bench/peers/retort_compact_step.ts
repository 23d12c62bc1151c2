import {
  compactLearner,
  trainingSpec,
} from "../../core/compress/compact/train_compact.ts";
import type { Task } from "../task.ts";
import { pausingTraining } from "./pausing_training.ts";
import { randomLabels, randomValues } from "./random_values.ts";
import type { TimedRun } from "./serve_peer.ts";

/** Steps a run, as `train` takes them from one readback to the next. */
const STEPS = 20;
/** The teacher's logit of an image's class, the others' being 0. */
const CERTAIN = 8;

/**
 * A part of a compact model's training, by its recipe, as `trainCompact` goes about it;
 * each run is some steps, in which images are gathered too.
 */
export function prepareCompactStep(
  { batch, spec, configuration, phase }: Extract<
    Task,
    { work: "compact-step" }
  >,
): TimedRun {
  const count = batch * STEPS;
  const labels = randomLabels(count);
  const examples = {
    count,
    shape: spec.input,
    images: Uint8Array.from(randomValues(count * 784, "images", 256)),
    labels,
  };
  const teacherLogits = new Float32Array(count * 10);
  labels.forEach((label, image) => teacherLogits[10 * image + label] = CERTAIN);
  const images = { examples, teacherLogits };
  const learner = compactLearner(
    { spec, labels: [], pool: images, validation: images, configuration },
    phase,
  );
  return pausingTraining(learner, trainingSpec(configuration, phase));
}
