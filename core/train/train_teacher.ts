import type { SplitDataset } from "../data/split.ts";
import type { FloatArray } from "../files/safetensors.ts";
import type { ManifestScores } from "../models/manifest.ts";
import type { ModelSpec } from "../models/spec.ts";
import { teacherSpec } from "../models/teacher.ts";
import * as tf from "../tf.ts";
import { evaluateModel } from "./evaluate_model.ts";
import type { ImageTask } from "./image_learner.ts";
import { ensureSelfTest } from "./self_test.ts";
import type { TrainingSpec } from "./train.ts";
import { type ImageTrainingOptions, trainImages } from "./train_images.ts";
import { type MemberRecord, toTensor } from "./training_state.ts";

/** How a teacher is trained, as plain data. */
export interface TeacherConfiguration extends TrainingSpec {
  /** Pixels that training images are moved at random, at the most. */
  shift: number;
  /** Whether they are mirrored at random, one in two; none unless given. */
  flip?: boolean;
}

/** The configuration that made the shipped teacher. */
export const TEACHER_CONFIGURATION: TeacherConfiguration = {
  seed: 1,
  epochs: 10,
  batchSize: 128,
  patience: 10,
  optimiser: { kind: "adam" },
  schedule: { kind: "cosine", rate: 1e-3, warmup: 200 },
  shift: 1,
};

/** What the training of a teacher may be given. */
export interface TeacherOptions extends ImageTrainingOptions {
  /** Its layers; the seed experiment's teacher for the dataset unless given. */
  spec?: ModelSpec;
}

/** A model as trained, with what it scored. */
export interface TrainedModel {
  /** Layers, as plain data. */
  spec: ModelSpec;
  /** Kernel and bias of each layer that has them, at the best epoch. */
  weights: FloatArray[];
  /** Its curve. */
  record: MemberRecord;
  /** On validation and test images, at the best epoch. */
  scores: ManifestScores;
}

/**
 * The scores of a run's best epoch on validation, as `record` tells them, and of
 * its `weights` on the test images of `dataset`: accuracy, and mean
 * cross-entropy in nats. On the current backend.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../tests/core/bars.ts";
 * import { scoreBest } from "./train_teacher.ts";
 *
 * const { spec, weights } = await makeBarsTeacher();
 * const score = { loss: 0.1, accuracy: 0.9 };
 * const record = {
 *   epochs: [{ epoch: 1, training: score, validation: score }],
 *   bestEpoch: 1,
 *   stopped: false,
 * };
 * const scores = await scoreBest({ spec, weights, record, dataset: makeBars() });
 * assertEquals([scores.validation, scores.test.accuracy], [score, 1]);
 * ```
 */
export async function scoreBest(
  { spec, weights, record, dataset }: {
    spec: ModelSpec;
    weights: FloatArray[];
    record: MemberRecord;
    dataset: SplitDataset;
  },
): Promise<ManifestScores> {
  const tensors = weights.map(toTensor);
  const test = await evaluateModel(spec, tensors, { examples: dataset.test });
  tf.dispose(tensors);
  return {
    epoch: record.bestEpoch,
    validation: record.epochs[record.bestEpoch - 1].validation,
    test: test.score,
  };
}

/**
 * Trains the teacher on `dataset.train` by cross-entropy with the labels; the
 * epoch is chosen on `dataset.validation`, and the test images are read once, at
 * the end. Takes the size of images and the number of classes from the dataset,
 * unless it is told the layers: any model can be trained this way.
 *
 * On the current backend; throws what `train` throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { BARS_TRAINING, makeBars } from "../../tests/core/bars.ts";
 * import { selectBackend } from "../device/select_backend.ts";
 * import { trainTeacher } from "./train_teacher.ts";
 *
 * await selectBackend("wasm");
 * const { scores } = await trainTeacher(makeBars(), {
 *   ...BARS_TRAINING, // six epochs of Adam, in batches of 16
 *   seed: 1,
 *   shift: 0,
 * });
 * assertEquals(scores.test.accuracy, 1);
 * ```
 */
export async function trainTeacher(
  dataset: SplitDataset,
  configuration: TeacherConfiguration = TEACHER_CONFIGURATION,
  { spec: given, ...options }: TeacherOptions = {},
): Promise<TrainedModel> {
  const { shape: input, classes } = dataset;
  await ensureSelfTest();
  const { shift, flip, ...training } = configuration;
  const spec = given ?? teacherSpec({ input, classes });
  const task: ImageTask = {
    spec,
    training: { examples: dataset.train },
    validation: { examples: dataset.validation },
    loss: { kind: "cross-entropy" },
    seed: training.seed,
    shift,
    flip,
  };
  const { weights, members: [record] } = await trainImages(
    task,
    training,
    options,
  );
  const scores = await scoreBest({ spec, weights, record, dataset });
  return { spec, weights, record, scores };
}
