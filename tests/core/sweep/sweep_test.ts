import { assert, assertEquals, assertRejects } from "@std/assert";
import { SWEEP_FORMAT } from "../../../core/study/study_format.ts";
import { exportStudent } from "../../../core/sweep/export_student.ts";
import { listStudents } from "../../../core/sweep/search_space.ts";
import { ensureStudy, studySetting } from "../../../core/study/run_study.ts";
import { openStudy, type Study } from "../../../core/study/study.ts";
import { sweep, trainCohorts } from "../../../core/sweep/sweep.ts";
import { listFinishedTrials, listTrials } from "../../../core/sweep/trials.ts";
import * as tf from "../../../core/tf.ts";
import { evaluateModel } from "../../../core/train/evaluate_model.ts";
import type { LossSpec } from "../../../core/train/losses/losses.ts";
import { toTensor } from "../../../core/train/training_state.ts";
import { extractTiny, makeTinyExperiment } from "../distill/tiny_experiment.ts";
import {
  listCheckpoints,
  readStates,
  STEPS,
  TINY_SPACE,
  tinySweep,
} from "./tiny_sweep.ts";

const experiment = await makeTinyExperiment();
const { folder, teacher, dataset } = experiment;
const store = await extractTiny(experiment);

/** Divides logits by what is 0 in float32: its loss is finite at no step. */
const HOPELESS: LossSpec = {
  kind: "distillation",
  temperature: 1e-300,
  alpha: 0.5,
};

const mixed = `${folder}/mixed.db`;
const told: string[] = [];
const progress: number[][] = [];
const details = await sweep({
  ...tinySweep(experiment, store, mixed, {
    ...TINY_SPACE,
    hidden: [1], // so few units are not cut in two, which would part good and bad
    losses: [HOPELESS, { kind: "cross-entropy" }, { kind: "logit-mse" }],
    seeds: [1],
  }),
  onTrial: ({ hidden, state }, student) =>
    told.push(`${hidden} ${state} ${student !== undefined}`),
  onProgress: (done, total) => progress.push([done, total]),
});

Deno.test("students that diverge are recorded with their error, and the rest of their cohort goes on", () => {
  const name = "distillation(T=1e-300,alpha=0.5)";
  assertEquals(readStates(mixed), [
    `1 ${name} 1: failed`,
    "1 cross-entropy 1: done",
    "1 logit-mse 1: done",
  ]);
  assertEquals(
    told.toSorted(),
    ["1 done true", "1 done true", "1 failed false"],
  );
  assertEquals(details.result.students.length, 2);
  assertEquals(details.failures.map(({ hidden }) => hidden), [1]);
  for (const { error, loss } of details.failures) {
    assert(error.includes("the loss must be finite"), error);
    assertEquals(loss, name);
  }
});

Deno.test("a sweep counts every step of a cohort as done in the end, once", () => {
  assertEquals(progress.at(-1), [STEPS, STEPS]);
  progress.slice(1).forEach(([done], index) =>
    assert(done >= progress[index][0])
  );
});

Deno.test("a cohort of students that all diverge fails with their error", async () => {
  const path = `${folder}/all.db`;
  const space = { ...TINY_SPACE, hidden: [1, 2], losses: [HOPELESS] };
  const labels: LossSpec = { kind: "cross-entropy" };
  const spared = listStudents({ ...space, losses: [labels], seeds: [1] });
  const options = tinySweep(experiment, store, path, { ...space, seeds: [2] });
  const students = [...options.students, ...spared];
  const { failures, result } = await sweep({ ...options, students });
  assertEquals(failures.map(({ hidden }) => hidden), [1, 2]);
  for (const { error } of failures) {
    assert(error.includes("the loss must be finite"), error);
  }
  assertEquals(result.students.length, 2);
  assertEquals(listCheckpoints(path), []);
});

Deno.test("a student whose test loss isn't finite is recorded as failed, not as a result", async () => {
  const path = `${folder}/infinite.db`;
  const { test } = store.parts;
  const huge = { ...test, logits: test.logits.map(() => 1e30) }; // squared: ∞
  const parts = { ...store.parts, test: huge };
  const { failures, result } = await sweep(
    tinySweep(experiment, { ...store, parts }, path, {
      ...TINY_SPACE,
      hidden: [3],
      losses: [{ kind: "logit-mse" }, { kind: "cross-entropy" }],
      seeds: [1],
    }),
  );
  assertEquals(result.students.map(({ loss }) => loss), ["cross-entropy"]);
  assertEquals(failures.map(({ loss }) => loss), ["logit-mse"]);
  assert(failures[0].error.includes("must be finite for every image"));
});

Deno.test("a failed trial is left alone until it is to be tried again", async () => {
  const options = {
    ...tinySweep(experiment, store, mixed),
    students: [],
  };
  const trials: number[] = [];
  const onTrial = ({ hidden }: { hidden: number }) => trials.push(hidden);
  await sweep({ ...options, onTrial });
  assertEquals(trials, []);
  await sweep({ ...options, onTrial, retryFailed: true });
  assertEquals(trials, [1]);
  assertEquals(listCheckpoints(mixed), []);
});

Deno.test("trials stay planned for want of their data, and are done once it is back", async () => {
  const path = `${folder}/unreadable.db`;
  const options = tinySweep(experiment, store, path);
  const { backend, training } = options;
  const run = (study: Study) =>
    trainCohorts(study, {
      teacher: teacher.spec,
      store,
      training,
      backend: backend.name,
      workers: 2,
    });
  using study = ensureStudy(path, SWEEP_FORMAT, studySetting(options));
  study.plan(listStudents({ ...TINY_SPACE, hidden: [1, 2], seeds: [1] }));
  const features = store.parts.validation.path;
  const whole = await Deno.readFile(features);
  await Deno.truncate(features, 100);
  await assertRejects(
    () => run(study),
    Error,
    "must hold row 0: it ends before",
  );
  for (const { state, error } of listTrials(study)) {
    assertEquals([state, error], ["planned", ""]);
  }
  await Deno.writeFile(features, whole);
  await run(study);
  assertEquals(
    listTrials(study).map(({ state, error }) => [state, error]),
    Array(2).fill(["done", ""]),
  );
});

Deno.test("sweep says so where no trial is done", async () => {
  const path = `${folder}/hopeless.db`;
  const space = { ...TINY_SPACE, hidden: [1], losses: [HOPELESS], seeds: [1] };
  await assertRejects(
    () => sweep(tinySweep(experiment, store, path, space)),
    Error,
    "at least one of its trials must be done",
  );
  assertEquals(readStates(path).length, 1);
});

Deno.test("exportStudent makes a model that scores and predicts as the trial did", async () => {
  using study = openStudy(mixed);
  for (const trial of listFinishedTrials(study)) {
    const { spec, weights } = exportStudent(study, trial, teacher);
    assertEquals(spec.name, `student-${trial.hidden}`);
    const tensors = weights.map(toTensor);
    const assess = (examples = dataset.test) =>
      evaluateModel(spec, tensors, { examples });
    const test = await assess();
    assertEquals(test.predictions, trial.predictions);
    assertEquals(test.score.accuracy, trial.test.accuracy);
    const validation = await assess(dataset.validation);
    assertEquals(validation.score.accuracy, trial.validation.accuracy);
    tf.dispose(tensors);
    const count = weights.reduce((sum, { values }) => sum + values.length, 0);
    assertEquals(trial.parameters, count);
  }
});

Deno.test("exportStudent refuses another teacher, and a trial that isn't done", () => {
  using study = openStudy(mixed);
  const [failed, done] = listTrials(study);
  for (
    const [trial, sha256, message] of [
      [done, "another", "pass that one's folder with --teacher"],
      [failed, teacher.sha256, "it must be done: it is failed"],
    ] as const
  ) {
    let thrown: unknown;
    try {
      exportStudent(study, trial, { ...teacher, sha256 });
    } catch (error) {
      thrown = error;
    }
    assert(`${thrown}`.includes(message), `${thrown}`);
  }
});
