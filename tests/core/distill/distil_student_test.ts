import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import {
  type DistilOptions,
  distilStudent,
} from "../../../core/distill/distil_student.ts";
import { openCohort } from "../../../core/distill/cohort.ts";
import { cutMember } from "../../../core/distill/cohort_weights.ts";
import type { FloatArray } from "../../../core/files/safetensors.ts";
import { studentOf } from "../../../core/models/student.ts";
import { cutModel } from "../../../core/models/trunk.ts";
import * as tf from "../../../core/tf.ts";
import { evaluateModel } from "../../../core/train/evaluate_model.ts";
import { train, type TrainingSpec } from "../../../core/train/train.ts";
import { toTensor } from "../../../core/train/training_state.ts";
import {
  extractTiny,
  makeTinyExperiment,
  TINY_TRAINING,
} from "./tiny_experiment.ts";

const experiment = await makeTinyExperiment();
const { teacher, dataset } = experiment;
const store = await extractTiny(experiment);

const OPTIONS: DistilOptions = {
  teacher,
  dataset,
  store,
  student: { hidden: 12, dropout: 0.2, loss: { kind: "logit-mse" }, seed: 5 },
  training: TINY_TRAINING,
};
const FINE_TUNE: Omit<TrainingSpec, "seed"> = {
  ...TINY_TRAINING,
  epochs: 2,
  batchSize: 30, // 20 steps an epoch: progress is told, and stops heard, at 20
  schedule: { kind: "cosine", rate: 1e-3 },
};
const { trunkWeights } = cutModel(teacher.spec, teacher.weights);

const headOnly = await distilStudent(OPTIONS);
const tuned = await distilStudent({ ...OPTIONS, fineTune: FINE_TUNE });

async function assess(weights: FloatArray[], part: "validation" | "test") {
  const tensors = weights.map(toTensor);
  const spec = studentOf(teacher.spec, OPTIONS.student);
  const { score } = await evaluateModel(
    spec,
    tensors,
    { examples: dataset[part], teacherLogits: store.parts[part].logits },
    part === "test" ? { kind: "cross-entropy" } : OPTIONS.student.loss,
  );
  tf.dispose(tensors);
  return score;
}

Deno.test("distilStudent puts a head on the teacher's own convolutions", () => {
  assertEquals(headOnly.spec, studentOf(teacher.spec, OPTIONS.student));
  assertEquals(headOnly.weights.slice(0, 4), trunkWeights);
  assertEquals(
    headOnly.weights.slice(4).map(({ shape }) => shape),
    [[81, 12], [12], [12, 10], [10]],
  );
});

Deno.test("distilStudent trains the head as a cohort of one does", async () => {
  using cohort = openCohort(store, [OPTIONS.student]);
  const { weights } = await train(cohort, { ...TINY_TRAINING, seed: 5 });
  assertEquals(headOnly.weights.slice(4), cutMember(cohort.layout, weights, 0));
});

Deno.test("distilStudent with fineTune moves the convolutions too", async () => {
  assertEquals(tuned.spec, headOnly.spec);
  tuned.weights.forEach((weight, index) => {
    assertEquals(weight.shape, headOnly.weights[index].shape);
    assertNotEquals(weight.values, headOnly.weights[index].values);
  });
  const [before, after] = [headOnly, tuned].map(({ record }) =>
    record.epochs.at(-1)?.training.loss ?? NaN
  );
  assert(after < before, `the loss on logits fell from ${before} to ${after}`);
  assertEquals(await distilStudent({ ...OPTIONS, fineTune: FINE_TUNE }), tuned);
});

for (const [name, student] of Object.entries({ headOnly, tuned })) {
  Deno.test(`distilStudent reports what its weights score, and learns: ${name}`, async () => {
    const { weights, scores, record } = student;
    assertEquals(scores.epoch, record.bestEpoch);
    assertEquals(
      scores.validation,
      record.epochs[record.bestEpoch - 1].validation,
    );
    const validation = await assess(weights, "validation");
    assertEquals(scores.validation.accuracy, validation.accuracy);
    // The sum over 120 images is taken in another order.
    const within = 1e-4 * validation.loss;
    assertAlmostEquals(scores.validation.loss, validation.loss, within);
    assertEquals(scores.test, await assess(weights, "test"));
    assert(scores.test.accuracy > 0.4, `${scores.test.accuracy}`);
  });
}

Deno.test("distilStudent, stopped while fine-tuning and resumed, ends as if never stopped", async () => {
  const checkpoint = `${experiment.folder}/student.checkpoint`;
  const controller = new AbortController();
  const options = { ...OPTIONS, fineTune: FINE_TUNE };
  await assertRejects(
    () =>
      distilStudent(options, {
        checkpoint,
        signal: controller.signal,
        onProgress: ({ epochs, step }) => {
          if (epochs === FINE_TUNE.epochs && step >= 20) {
            controller.abort(new Error("stopped by hand"));
          }
        },
      }),
    Error,
    "stopped by hand",
  );
  assertEquals(await distilStudent(options, { checkpoint }), tuned);
});

Deno.test("distilStudent frees every tensor", async () => {
  const before = tf.memory().numTensors;
  await distilStudent({ ...OPTIONS, fineTune: { ...FINE_TUNE, epochs: 1 } });
  assertEquals(tf.memory().numTensors, before);
});
