import type { SplitDataset } from "../data/split.ts";
import type { LoadedModel } from "../models/formats/load_model.ts";
import { studentOf } from "../models/student.ts";
import { cutModel } from "../models/trunk.ts";
import type { ImageTask } from "../train/image_learner.ts";
import { ensureSelfTest } from "../train/self_test.ts";
import { scoreBest, type TrainedModel } from "../train/train_teacher.ts";
import { train, type TrainingSpec } from "../train/train.ts";
import {
  type ImageTrainingOptions,
  trainImages,
} from "../train/train_images.ts";
import type { MemberRecord } from "../train/training_state.ts";
import { openCohort } from "./cohort.ts";
import { cutMember } from "./cohort_weights.ts";
import type { FeatureStore } from "./feature_store.ts";
import { holdTrainingFeatures } from "./resident_features.ts";
import type { StudentConfig } from "./student_config.ts";

/** How students are trained unless told otherwise; the seed is the student's own. */
export const STUDENT_TRAINING: Omit<TrainingSpec, "seed"> = {
  epochs: 3,
  batchSize: 128,
  patience: 3,
  optimiser: { kind: "adam" },
  schedule: { kind: "cosine", rate: 0.01, warmup: 430 },
};

/** What a student is distilled from, and how. */
export interface DistilOptions {
  /** Whose convolutions the student keeps, and whose logits it learns. */
  teacher: LoadedModel;
  /** The images that `store` was computed from. */
  dataset: SplitDataset;
  /** The teacher's features and logits. */
  store: FeatureStore;
  /** Its width, dropout, loss and seed. */
  student: StudentConfig;
  /** How its head is trained; {@linkcode STUDENT_TRAINING} does for MNIST. */
  training: Omit<TrainingSpec, "seed">;
  /** Epochs in which the convolutions learn too, after the head has. */
  fineTune?: Omit<TrainingSpec, "seed">;
}

/**
 * Distils one student: its head is trained on the teacher's features and logits,
 * with the convolutions as they are; then, if asked for, all of it is trained on
 * the images, from where the head's training ended, and kept unless it has lost
 * accuracy on validation.
 *
 * The epoch is chosen on validation; the test images are read once, at the end.
 * On the current backend; throws what {@linkcode train} throws, and a
 * `RangeError` where the student is unusable.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { BARS_TRAINING, makeBarsStore } from "../../tests/core/bars.ts";
 * import { selectBackend } from "../device/select_backend.ts";
 * import { distilStudent } from "./distil_student.ts";
 *
 * const { dataset, teacher, store } = await makeBarsStore();
 * await selectBackend("wasm");
 * const { scores } = await distilStudent({
 *   teacher,
 *   dataset,
 *   store,
 *   student: { hidden: 16, dropout: 0.2, loss: { kind: "logit-mse" }, seed: 1 },
 *   training: { ...BARS_TRAINING, epochs: 20 },
 * });
 * assert(scores.test.accuracy > 0.9);
 * ```
 */
export async function distilStudent(
  { teacher, dataset, store, student, training, fineTune }: DistilOptions,
  options: ImageTrainingOptions = {},
): Promise<TrainedModel> {
  await ensureSelfTest();
  const { seed } = student;
  const spec = studentOf(teacher.spec, student);
  using cohort = openCohort(await holdTrainingFeatures(store), [student]);
  const trained = await train(cohort, { ...training, seed }, options);
  const head = cutMember(cohort.layout, trained.weights, 0);
  const { trunkWeights } = cutModel(teacher.spec, teacher.weights);
  const weights = [...trunkWeights, ...head];
  const [record] = trained.members;
  const finish = async (model: Omit<TrainedModel, "spec" | "scores">) => ({
    spec,
    ...model,
    scores: await scoreBest({ spec, ...model, dataset }),
  });
  if (!fineTune) return await finish({ weights, record });
  const task: ImageTask = {
    spec,
    training: {
      examples: dataset.train,
      teacherLogits: store.parts.train.logits,
    },
    validation: {
      examples: dataset.validation,
      teacherLogits: store.parts.validation.logits,
    },
    loss: student.loss,
    seed,
    initial: weights,
  };
  const tuned = await trainImages(task, { ...fineTune, seed }, {
    ...options,
    checkpoint: options.checkpoint && `${options.checkpoint}.fine-tune`,
  });
  const [tunedRecord] = tuned.members;
  return bestAccuracy(tunedRecord) < bestAccuracy(record)
    ? await finish({ weights, record })
    : await finish({ weights: tuned.weights, record: tunedRecord });
}

/** Validation accuracy of a run's best epoch. */
function bestAccuracy({ epochs, bestEpoch }: MemberRecord): number {
  return epochs[bestEpoch - 1].validation.accuracy;
}
