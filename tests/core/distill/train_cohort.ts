/**
 * Training cohorts of tiny students, and comparing what becomes of them.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { openCohort } from "../../../core/distill/cohort.ts";
import { cutMember } from "../../../core/distill/cohort_weights.ts";
import type { FeatureStore } from "../../../core/distill/feature_store.ts";
import type { StudentConfig } from "../../../core/distill/student_config.ts";
import type { FloatArray } from "../../../core/files/safetensors.ts";
import * as tf from "../../../core/tf.ts";
import type { LossSpec } from "../../../core/train/losses/losses.ts";
import { train, type TrainingSpec } from "../../../core/train/train.ts";
import {
  type MemberRecord,
  toTensor,
} from "../../../core/train/training_state.ts";

/** Of the students that tests train. */
export const WIDTHS = [3, 1, 17, 8];
/** One of each kind. */
export const LOSSES: LossSpec[] = [
  { kind: "logit-mse" },
  { kind: "cross-entropy" },
  { kind: "distillation", temperature: 3, alpha: 0.7 },
];
/** How they are trained, unless told otherwise. */
export const SPEC: TrainingSpec = {
  seed: 7,
  epochs: 4,
  batchSize: 64, // nine batches and one of 24
  patience: 1, // so that members end at epochs of their own
  optimiser: { kind: "adadelta" },
  schedule: { kind: "cosine", rate: 1, warmup: 5 },
};

/** Students that differ in nothing but their width. */
export function members(
  loss: LossSpec,
  widths = WIDTHS,
  dropout = 0.3,
): StudentConfig[] {
  return widths.map((hidden) => ({ hidden, dropout, loss, seed: 7 }));
}

/** Trains a cohort; gives each member's weights, record and test. */
export async function trainCohort(
  store: FeatureStore,
  students: StudentConfig[],
  spec = SPEC,
) {
  using cohort = openCohort(store, students);
  const { weights, members: records } = await train(cohort, spec);
  const tests = await cohort.test(weights);
  const scores = await validate(cohort, weights);
  return students.map((_, member) => ({
    weights: cutMember(cohort.layout, weights, member),
    record: records[member],
    test: tests[member],
    validation: scores[member],
  }));
}

async function validate(
  cohort: ReturnType<typeof openCohort>,
  weights: FloatArray[],
) {
  const tensors = weights.map(toTensor);
  const scores = await cohort.validate(tensors);
  tf.dispose(tensors);
  return scores;
}

/** The largest difference between weights, as a share of the largest weight. */
export function largestDifference(a: FloatArray[], b: FloatArray[]): number {
  const shares = a.map(({ values }, index) => {
    const other = b[index].values;
    const size = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    return values.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - other[i]) / size),
      0,
    );
  });
  return Math.max(...shares);
}

/**
 * Members add exact zeros to each other's sums, so that on one backend weights
 * have been bit for bit the same; a matrix product that cuts a wider matrix
 * otherwise may round each sum otherwise, by 2⁻²⁴ of it a step. 1e-5 of the
 * largest weight leaves room for that over 40 steps, and none for a wrong term.
 */
export const ROUNDING = 1e-5;

/** Asserts that a student is the same but for rounding, and learnt the same way. */
export function assertAlike(
  a: { weights: FloatArray[]; record: MemberRecord },
  b: { weights: FloatArray[]; record: MemberRecord },
): void {
  const difference = largestDifference(a.weights, b.weights);
  assert(difference <= ROUNDING, `weights differ by ${difference}`);
  assertEquals(a.record.bestEpoch, b.record.bestEpoch);
  assertEquals(a.record.epochs.length, b.record.epochs.length);
  a.record.epochs.forEach(({ training, validation }, epoch) => {
    const other = b.record.epochs[epoch];
    assertEquals(validation.accuracy, other.validation.accuracy);
    assertAlmostEquals(training.accuracy, other.training.accuracy, 1e-9);
    assertAlmostEquals(training.loss, other.training.loss, 1e-4);
  });
}
