import { assertEquals, assertThrows } from "@std/assert";
import type { StudentConfig } from "../../../core/distill/student_config.ts";
import {
  ensureStudy,
  readStudySetting,
  type StudySetting,
} from "../../../core/study/run_study.ts";
import { openStudy, type Study } from "../../../core/study/study.ts";
import { SWEEP_FORMAT } from "../../../core/study/study_format.ts";
import {
  finishTrials,
  listFinishedTrials,
  listTrials,
  readTrialWeights,
} from "../../../core/sweep/trials.ts";
import { failTrial } from "./fail_trial.ts";

const SETTING: StudySetting = {
  teacher: "abc",
  dataset: { name: "d", sha256: { a: "1" }, split: { seed: 0, validation: 2 } },
  training: {
    epochs: 2,
    batchSize: 4,
    patience: 2,
    optimiser: { kind: "adam" },
    schedule: { kind: "constant", rate: 0.1 },
  },
};

function student(hidden: number, rest: Partial<StudentConfig> = {}) {
  const loss = { kind: "logit-mse" } as const;
  return { hidden, dropout: 0.2, loss, seed: 1, ...rest };
}

/** A path in a folder that is removed with the scope. */
function temporaryPath(): Disposable & { path: string; folder: string } {
  const folder = Deno.makeTempDirSync();
  return {
    folder,
    path: `${folder}/study.db`,
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

Deno.test("ensureStudy begins a study, and opens it when it is there", () => {
  using file = temporaryPath();
  {
    using study = ensureStudy(file.path, SWEEP_FORMAT, SETTING);
    study.plan([student(6)]);
  }
  using again = ensureStudy(file.path, SWEEP_FORMAT, SETTING);
  assertEquals(listTrials(again).map(({ hidden }) => hidden), [6]);
  assertEquals(readStudySetting(again), SETTING);
  const names = [...Deno.readDirSync(file.folder)].map(({ name }) => name);
  assertEquals(names.filter((name) => name.endsWith(".tmp")), []);
});

Deno.test("openStudy opens what there is, and makes nothing", () => {
  using file = temporaryPath();
  assertThrows(() => openStudy(file.path), Deno.errors.NotFound);
  assertEquals([...Deno.readDirSync(file.folder)], []);
  ensureStudy(file.path, SWEEP_FORMAT, SETTING)[Symbol.dispose]();
  using study = openStudy(file.path);
  assertEquals(study.path, file.path);
});

for (
  const [what, other] of [
    ["teacher", { teacher: "other" }],
    ["split", {
      dataset: { ...SETTING.dataset, split: { seed: 1, validation: 2 } },
    }],
    ["data", { dataset: { ...SETTING.dataset, sha256: { a: "2" } } }],
    ["training", { training: { ...SETTING.training, epochs: 3 } }],
  ] as const
) {
  Deno.test(`ensureStudy refuses trials of another ${what}, and changes nothing`, () => {
    using file = temporaryPath();
    ensureStudy(file.path, SWEEP_FORMAT, SETTING)[Symbol.dispose]();
    assertThrows(
      () => ensureStudy(file.path, SWEEP_FORMAT, { ...SETTING, ...other }),
      Error,
      "must share teacher, data and training",
    );
    using study = openStudy(file.path);
    assertEquals(readStudySetting(study), SETTING);
  });
}

Deno.test("plan never plans the same configuration twice, whatever its state", () => {
  using file = temporaryPath();
  using study = ensureStudy(file.path, SWEEP_FORMAT, SETTING);
  const students = [
    student(6),
    student(6, { seed: 2 }),
    student(6, { dropout: 0 }),
    student(6, { loss: { kind: "cross-entropy" } }),
    student(6, { loss: { kind: "distillation", temperature: 2, alpha: 0.5 } }),
    student(7),
  ];
  study.plan(students);
  study.plan([...students, student(6)]);
  const trials = listTrials(study);
  assertEquals(
    trials.map(({ id: _, state: __, error: ___, ...config }) => config),
    students,
  );
  finish(study, 0);
  failTrial(study, trials[5], "why");
  study.plan(students);
  assertEquals(
    listTrials(study).map(({ state }) => state),
    ["done", "planned", "planned", "planned", "planned", "failed"],
  );
});

Deno.test("plan takes a loss for the same whatever the order of its keys", () => {
  using file = temporaryPath();
  using study = ensureStudy(file.path, SWEEP_FORMAT, SETTING);
  const loss = { kind: "distillation", temperature: 2, alpha: 0.5 } as const;
  const { kind, temperature, alpha } = loss;
  study.plan([student(6, { loss })]);
  study.plan([student(6, { loss: { alpha, kind, temperature } })]);
  assertEquals(listTrials(study).map(({ loss }) => loss), [loss]);
});

/** Trains the trial at `index`, with made-up measurements. */
function finish(study: Study, index: number) {
  const score = (accuracy: number) => ({ accuracy, loss: 1 - accuracy });
  const epochs = [0.5, 0.75, 0.625].map((accuracy, index) => ({
    epoch: index + 1,
    training: score(accuracy / 2),
    validation: score(accuracy),
  }));
  const predictions = Uint8Array.of(1, 2, 255);
  const finished = {
    trial: listTrials(study)[index],
    student: {
      record: { epochs, bestEpoch: 2, stopped: true },
      test: { score: score(0.875), predictions },
      weights: Uint8Array.of(9, 8, 7),
    },
    parameters: 1234,
    seconds: 2.5,
  };
  study.begin([finished.trial.id]);
  finishTrials(study, [finished]);
  return { finished, epochs, predictions };
}

Deno.test("finishTrials keeps all that a trial has measured, and its weights", () => {
  using file = temporaryPath();
  let made: ReturnType<typeof finish>;
  {
    using study = ensureStudy(file.path, SWEEP_FORMAT, SETTING);
    study.plan([student(6), student(7)]);
    made = finish(study, 1);
  }
  using study = openStudy(file.path);
  const [trial, ...others] = listFinishedTrials(study);
  const { epochs, predictions } = made;
  assertEquals(others, []);
  assertEquals(trial, {
    id: 2,
    ...student(7),
    state: "done",
    error: "",
    parameters: 1234,
    seconds: 2.5,
    bestEpoch: 2,
    validation: { accuracy: 0.75, loss: 0.25 },
    test: { accuracy: 0.875, loss: 0.125 },
    predictions,
    epochs,
  });
  assertEquals(readTrialWeights(study, trial), Uint8Array.of(9, 8, 7));
});

Deno.test("finishTrials records all trials of a cohort or none", () => {
  using file = temporaryPath();
  using study = ensureStudy(file.path, SWEEP_FORMAT, SETTING);
  study.plan([student(1), student(2), student(3)]);
  const { finished } = finish(study, 0);
  const [, second, third] = listTrials(study);
  study.begin([second.id, third.id]);
  const states = () => listTrials(study).map(({ state }) => state);
  assertThrows(
    () =>
      finishTrials(study, [
        { ...finished, trial: second },
        { ...finished, trial: third, parameters: 1.5 },
      ]),
    Error,
    "cannot store REAL value in INTEGER column trial.parameters",
  );
  assertEquals(states(), ["done", "training", "training"]);
  assertEquals(study.listEpochs(second.id), []);
  finishTrials(study, [second, third].map((trial) => ({ ...finished, trial })));
  assertEquals(states(), ["done", "done", "done"]);
});

Deno.test("readTrialWeights says so where a trial isn't done", () => {
  using file = temporaryPath();
  using study = ensureStudy(file.path, SWEEP_FORMAT, SETTING);
  study.plan([student(6)]);
  assertThrows(
    () => readTrialWeights(study, listTrials(study)[0]),
    Error,
    "Cannot export trial 1: it must be done: it is planned",
  );
});

Deno.test("replan plans what has failed again, and nothing else", () => {
  using file = temporaryPath();
  using study = ensureStudy(file.path, SWEEP_FORMAT, SETTING);
  study.plan([student(1), student(2), student(3)]);
  finish(study, 0);
  failTrial(study, listTrials(study)[2], "the loss must be finite");
  assertEquals(listTrials(study)[2].error, "the loss must be finite");
  study.replan("failed");
  assertEquals(
    listTrials(study).map(({ state, error }) => [state, error]),
    [["done", ""], ["planned", ""], ["planned", ""]],
  );
});
