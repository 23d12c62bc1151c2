import type { SplitDataset } from "../data/split.ts";
import type { FloatArray } from "../files/safetensors.ts";
import type { ManifestScores } from "../models/manifest.ts";
import type { ModelSpec } from "../models/spec.ts";
import { teacherSpec } from "../models/teacher.ts";
import * as tf from "../tf.ts";
import { evaluateModel } from "./evaluate_model.ts";
import { imageLearner } from "./image_learner.ts";
import { train, type TrainingOptions, type TrainingSpec } from "./train.ts";
import { type MemberRecord, toTensor } from "./training_state.ts";

/** How a teacher is trained, as plain data. */
export interface TeacherConfiguration extends TrainingSpec {
  /** Pixels that training images are moved at random, at the most. */
  shift: number;
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

/** A model as trained, with what it scored. */
export interface TrainedModel {
  spec: ModelSpec;
  weights: FloatArray[];
  record: MemberRecord;
  scores: ManifestScores;
}

/** Scores of the best epoch on validation, and of its weights on the test images. */
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
 * the end. Takes the size of images and the number of classes from the dataset.
 *
 * On the current backend; throws what {@linkcode train} throws.
 */
export async function trainTeacher(
  dataset: SplitDataset,
  configuration: TeacherConfiguration = TEACHER_CONFIGURATION,
  options: TrainingOptions = {},
): Promise<TrainedModel> {
  const { shape: input, classes } = dataset;
  const { shift, ...training } = configuration;
  const spec = teacherSpec({ input, classes });
  const learner = imageLearner({
    spec,
    training: { examples: dataset.train },
    validation: { examples: dataset.validation },
    loss: { kind: "cross-entropy" },
    seed: training.seed,
    shift,
  });
  const { weights, members: [record] } = await train(
    learner,
    training,
    options,
  );
  const scores = await scoreBest({ spec, weights, record, dataset });
  return { spec, weights, record, scores };
}
