import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { openCohort } from "../../../core/distill/cohort.ts";
import { cutMember } from "../../../core/distill/cohort_layout.ts";
import type { StudentConfig } from "../../../core/distill/student_config.ts";
import type { FloatArray } from "../../../core/files/safetensors.ts";
import { studentOf } from "../../../core/models/student.ts";
import { cutModel } from "../../../core/models/trunk.ts";
import * as tf from "../../../core/tf.ts";
import { evaluateModel } from "../../../core/train/evaluate_model.ts";
import type { LossSpec } from "../../../core/train/losses.ts";
import type { OptimiserSpec } from "../../../core/train/optimisers/make_optimiser.ts";
import { train, type TrainingSpec } from "../../../core/train/train.ts";
import { toTensor } from "../../../core/train/training_state.ts";
import { extractTiny, makeTinyExperiment } from "./tiny_experiment.ts";

const experiment = await makeTinyExperiment();
const { teacher, dataset } = experiment;
const store = await extractTiny(experiment);

const WIDTHS = [3, 1, 17, 8];
const LOSSES: LossSpec[] = [
  { kind: "logit-mse" },
  { kind: "cross-entropy" },
  { kind: "distillation", temperature: 3, alpha: 0.7 },
];
const SPEC: TrainingSpec = {
  seed: 7,
  epochs: 4,
  batchSize: 64, // nine batches and one of 24
  patience: 1, // so that members end at epochs of their own
  optimiser: { kind: "adadelta" },
  schedule: { kind: "cosine", rate: 1, warmup: 5 },
};

function members(
  loss: LossSpec,
  widths = WIDTHS,
  dropout = 0.3,
): StudentConfig[] {
  return widths.map((hidden) => ({ hidden, dropout, loss, seed: 7 }));
}

/** Trains a cohort; gives each member's weights, record and test. */
async function trainCohort(students: StudentConfig[], spec = SPEC) {
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
function largestDifference(a: FloatArray[], b: FloatArray[]): number {
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
const ROUNDING = 1e-5;

const OPTIMISERS: [OptimiserSpec, number][] = [
  [{ kind: "adadelta" }, 1],
  [{ kind: "sgd" }, 0.02],
];
for (const [optimiser, rate] of OPTIMISERS) {
  for (const loss of LOSSES) {
    Deno.test(`students trained together by ${loss.kind} and ${optimiser.kind} get the weights that each gets alone`, async () => {
      const schedule = { ...SPEC.schedule, rate };
      const spec: TrainingSpec = { ...SPEC, optimiser, schedule };
      const together = await trainCohort(members(loss), spec);
      for (const [index, student] of members(loss).entries()) {
        const { weights, record, test } = together[index];
        const [alone] = await trainCohort([student], spec);
        const difference = largestDifference(weights, alone.weights);
        assert(difference <= ROUNDING, `${student.hidden}: ${difference}`);
        assertEquals(record.bestEpoch, alone.record.bestEpoch);
        assertEquals(record.epochs.length, alone.record.epochs.length);
        assertEquals(test.predictions, alone.test.predictions);
      }
    });
  }
}

Deno.test("students trained together stop early and keep their best weights each for itself", async () => {
  const results = await trainCohort(members(LOSSES[0]));
  const ends = results.map(({ record }) => record.epochs.length);
  assert(new Set(ends).size > 1, `all ended after ${ends[0]} epochs`);
  for (const { record, validation } of results) {
    const best = record.epochs[record.bestEpoch - 1].validation;
    assertEquals(validation.accuracy, best.accuracy);
    assertAlmostEquals(validation.loss, best.loss, 1e-5);
  }
});

Deno.test("a student's weights do not depend on its place among others", async () => {
  const spec = { ...SPEC, epochs: 1 };
  const [first] = await trainCohort(members(LOSSES[1], [6, 2, 9]), spec);
  const moved = await trainCohort(members(LOSSES[1], [2, 9, 2, 6]), spec);
  assert(largestDifference(moved[3].weights, first.weights) <= ROUNDING);
  assertEquals(moved[0].weights, moved[2].weights);
});

for (const loss of LOSSES) {
  Deno.test(`a cohort scores and predicts what its exported students do, by ${loss.kind}`, async () => {
    const { trunkWeights } = cutModel(teacher.spec, teacher.weights);
    const students = members(loss);
    const results = await trainCohort(students, { ...SPEC, epochs: 2 });
    for (const [index, result] of results.entries()) {
      const spec = studentOf(teacher.spec, students[index]);
      const weights = [...trunkWeights, ...result.weights].map(toTensor);
      const test = await evaluateModel(spec, weights, {
        examples: dataset.test,
        teacherLogits: store.parts.test.logits,
      }, loss);
      const validation = await evaluateModel(spec, weights, {
        examples: dataset.validation,
        teacherLogits: store.parts.validation.logits,
      }, loss);
      tf.dispose(weights);
      assertEquals(result.test.predictions, test.predictions);
      assertEquals(result.test.score.accuracy, test.score.accuracy);
      assertEquals(result.validation.accuracy, validation.score.accuracy);
      // Means of 150 losses, added up in float32 in another order.
      const within = 1e-5 * Math.max(1, test.score.loss);
      assertAlmostEquals(result.test.score.loss, test.score.loss, within);
      assertAlmostEquals(result.validation.loss, validation.score.loss, within);
    }
  });
}

Deno.test("a cohort learns: by logits or labels, far above chance", async () => {
  for (const loss of LOSSES) {
    const [student] = await trainCohort(members(loss, [32], 0), {
      ...SPEC,
      epochs: 6,
      patience: 6,
      optimiser: { kind: "adam" },
      schedule: { kind: "constant", rate: 0.01 },
    });
    const { accuracy } = student.test.score;
    assert(accuracy > 0.5, `${loss.kind}: ${accuracy}`);
  }
});

Deno.test("a cohort frees every tensor and closes its files", async () => {
  const before = tf.memory().numTensors;
  await trainCohort(members(LOSSES[0]), { ...SPEC, epochs: 1 });
  assertEquals(tf.memory().numTensors, before);
});
