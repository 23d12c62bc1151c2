import * as tf from "../tf.ts";
import { imageLearner, type ImageTask } from "./image_learner.ts";
import { startShardWorkers } from "./start_shard_workers.ts";
import {
  train,
  type TrainingOptions,
  type TrainingResult,
  type TrainingSpec,
} from "./train.ts";

/** What the training of one model on images may be given. */
export interface ImageTrainingOptions
  extends Omit<TrainingOptions, "differentiate"> {
  /**
   * Threads that share each step on the Wasm backend, at most four; 1 unless
   * given. The result doesn't depend on how many there are. Other backends use all of
   * their device anyway.
   */
  threads?: number;
}

/** Trains the model of `task` on its images; throws what `train` throws. */
export async function trainImages(
  task: ImageTask,
  spec: TrainingSpec,
  { threads = 1, ...options }: ImageTrainingOptions = {},
): Promise<TrainingResult> {
  const learner = imageLearner(task);
  if (tf.getBackend() !== "wasm") return await train(learner, spec, options);
  using workers = await startShardWorkers(learner, task, threads);
  const { differentiate } = workers;
  return await train(learner, spec, { ...options, differentiate });
}
