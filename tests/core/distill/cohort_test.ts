import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { studentOf } from "../../../core/models/student.ts";
import { cutModel } from "../../../core/models/trunk.ts";
import * as tf from "../../../core/tf.ts";
import { evaluateModel } from "../../../core/train/evaluate_model.ts";
import type { OptimiserSpec } from "../../../core/train/optimisers/make_optimiser.ts";
import type { TrainingSpec } from "../../../core/train/train.ts";
import { toTensor } from "../../../core/train/training_state.ts";
import { extractTiny, makeTinyExperiment } from "./tiny_experiment.ts";
import {
  largestDifference,
  LOSSES,
  members,
  ROUNDING,
  SPEC,
  trainCohort,
} from "./train_cohort.ts";

const experiment = await makeTinyExperiment();
const { teacher, dataset } = experiment;
const store = await extractTiny(experiment);

const OPTIMISERS: [OptimiserSpec, number][] = [
  [{ kind: "adadelta" }, 1],
  [{ kind: "sgd" }, 0.02],
];
for (const [optimiser, rate] of OPTIMISERS) {
  for (const loss of LOSSES) {
    Deno.test(`students trained together by ${loss.kind} and ${optimiser.kind} get the weights that each gets alone`, async () => {
      const schedule = { ...SPEC.schedule, rate };
      const spec: TrainingSpec = { ...SPEC, optimiser, schedule };
      const together = await trainCohort(store, members(loss), spec);
      for (const [index, student] of members(loss).entries()) {
        const { weights, record, test } = together[index];
        const [alone] = await trainCohort(store, [student], spec);
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
  const results = await trainCohort(store, members(LOSSES[0]), {
    ...SPEC,
    epochs: 8,
  });
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
  const [first] = await trainCohort(store, members(LOSSES[1], [6, 2, 9]), spec);
  const moved = await trainCohort(
    store,
    members(LOSSES[1], [2, 9, 2, 6]),
    spec,
  );
  assert(largestDifference(moved[3].weights, first.weights) <= ROUNDING);
  assertEquals(moved[0].weights, moved[2].weights);
});

for (const loss of LOSSES) {
  Deno.test(`a cohort scores and predicts what its exported students do, by ${loss.kind}`, async () => {
    const { trunkWeights } = cutModel(teacher.spec, teacher.weights);
    const students = members(loss);
    const results = await trainCohort(store, students, { ...SPEC, epochs: 2 });
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
    const [student] = await trainCohort(store, members(loss, [32], 0), {
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
  await trainCohort(store, members(LOSSES[0]), { ...SPEC, epochs: 1 });
  assertEquals(tf.memory().numTensors, before);
});
