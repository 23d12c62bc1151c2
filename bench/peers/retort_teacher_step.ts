import {
  imageLearner,
  type ImageTask,
} from "../../core/train/image_learner.ts";
import { startShardWorkers } from "../../core/train/start_shard_workers.ts";
import { teacherSpec } from "../../core/models/teacher.ts";
import * as tf from "../../core/tf.ts";
import { pausingTraining } from "./pausing_training.ts";
import { randomLabels, randomValues } from "./random_values.ts";
import type { TimedRun } from "./serve_peer.ts";

/** Steps a run: enough that one readback a run hides nothing and costs little. */
const STEPS = 4;

/**
 * The seed's teacher and optimiser, trained as `train` trains it, on as many
 * threads; each run is some steps.
 */
export async function prepareTeacherStep(batch: number): Promise<TimedRun> {
  const count = batch * STEPS;
  const examples = {
    count,
    shape: [28, 28, 1] as const,
    images: Uint8Array.from(randomValues(count * 784, "images", 256)),
    labels: randomLabels(count),
  };
  const task: ImageTask = {
    spec: teacherSpec(),
    training: { examples },
    validation: { examples },
    loss: { kind: "cross-entropy" },
    seed: 1,
  };
  const learner = imageLearner(task);
  // What `trainImages` does, whose learner can't be made to pause.
  const threads = navigator.hardwareConcurrency;
  const workers = tf.getBackend() === "wasm"
    ? await startShardWorkers(learner, task, threads)
    : undefined;
  return pausingTraining(learner, {
    seed: 1,
    batchSize: batch,
    optimiser: { kind: "adadelta" },
  }, workers && { differentiate: workers.differentiate });
}
