import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { failTrial } from "../study/fail_trial.ts";
import { SWEEP_FORMAT } from "../../../core/study/study_format.ts";
import { ensureStudy } from "../../../core/study/run_study.ts";
import type { Study } from "../../../core/study/study.ts";
import {
  readContext,
  type StudyContext,
  writeContext,
} from "../../../core/study/context.ts";
import { summariseStudy } from "../../../core/sweep/summarise_study.ts";
import { finishTrials, listTrials } from "../../../core/sweep/trials.ts";

/** Classes of four test images. */
const LABELS = Uint8Array.of(0, 1, 2, 2);

const CONTEXT: StudyContext = {
  study: "made-up",
  dataset: { name: "d", sha256: { a: "1" }, train: 9, validation: 3, test: 4 },
  backend: { name: "wasm", adapter: null },
  teacher: {
    parameters: 1000,
    bytes: 4000,
    accuracy: { validation: 0.99, test: 0.98 },
  },
  classes: 3,
  testLabels: LABELS.toBase64(),
  seconds: 12.5,
};

/** Width, seed, validation accuracy and predictions of each finished trial. */
type Made = [number, number, number, number[]];

/** Lets `body` have a study of the trials given, and one that has failed. */
function withStudy(trials: Made[], body: (study: Study) => void): void {
  const folder = Deno.makeTempDirSync();
  const loss = { kind: "logit-mse" } as const;
  {
    using study = ensureStudy(`${folder}/study.db`, SWEEP_FORMAT, {
      teacher: "abc",
      dataset: { name: "d", sha256: {}, split: { seed: 0, validation: 3 } },
      training: {
        epochs: 1,
        batchSize: 1,
        patience: 1,
        optimiser: { kind: "adam" },
        schedule: { kind: "constant", rate: 1 },
      },
    });
    study.plan([
      ...trials.map(([hidden, seed]) => ({ hidden, dropout: 0, loss, seed })),
      { hidden: 99, dropout: 0, loss, seed: 1 },
    ]);
    const planned = listTrials(study);
    study.begin(planned.slice(0, trials.length).map(({ id }) => id));
    trials.forEach(([hidden, , accuracy, predictions], index) =>
      finishTrials(study, [{
        trial: planned[index],
        student: {
          record: {
            epochs: [{
              epoch: 1,
              training: { loss: 1, accuracy: 0 },
              validation: { loss: 1, accuracy },
            }],
            bestEpoch: 1,
            stopped: false,
          },
          test: {
            score: {
              loss: 1,
              accuracy: predictions.filter((p, i) => p === LABELS[i]).length /
                4,
            },
            predictions: Uint8Array.from(predictions),
          },
          weights: new Uint8Array(),
        },
        parameters: 10 * hidden,
        seconds: 1,
      }])
    );
    failTrial(study, planned[trials.length], "why it failed");
    body(study);
  }
  Deno.removeSync(folder, { recursive: true });
}

const TRIALS: Made[] = [
  [4, 1, 0.96, [0, 1, 2, 0]],
  [4, 2, 0.98, [0, 1, 1, 2]],
  [8, 1, 0.99, [0, 1, 2, 1]],
  [2, 1, 0.7, [1, 1, 1, 1]],
];

Deno.test("summariseStudy describes every finished student and its curve", () => {
  withStudy(TRIALS, (study) => {
    writeContext(study, CONTEXT);
    const { result, curves, failures, groups } = summariseStudy(study);
    const { study: name, dataset, backend, teacher, seconds } = CONTEXT;
    assertEquals(result.study, name);
    assertEquals(
      [result.dataset, result.backend, result.teacher, result.seconds],
      [dataset, backend, teacher, seconds],
    );
    assertEquals(result.students[0], {
      hidden: 4,
      dropout: 0,
      loss: "logit-mse",
      seed: 1,
      parameters: 40,
      bytes: 160,
      compression: 25,
      accuracy: { validation: 0.96, test: 0.75 },
      seconds: 1,
    });
    assertEquals(result.students.length, 4);
    assertEquals(curves.map(({ hidden, seed }) => [hidden, seed]), [
      [4, 1],
      [4, 2],
      [8, 1],
      [2, 1],
    ]);
    assertEquals(groups.map(({ hidden }) => hidden), [2, 4, 8]);
    assertEquals(
      failures,
      [{
        hidden: 99,
        dropout: 0,
        loss: "logit-mse",
        seed: 1,
        error: "why it failed",
      }],
    );
  });
});

Deno.test("summariseStudy answers s(f) from validation, and monotonicity from the test images", () => {
  withStudy(TRIALS, (study) => {
    writeContext(study, CONTEXT);
    const { result } = summariseStudy(study, [0.5, 0.97, 0.985]);
    assertEquals(
      result.frontier.map(({ accuracy, hidden }) => [accuracy, hidden]),
      [[0.5, 2], [0.97, 4], [0.985, 8]],
    );
    assertAlmostEquals(result.frontier[1].test.mean, 0.75);
    // 4 and 8 units both have 3 of 4 test images right: a tie.
    assertEquals(result.monotone.holds, false);
    const [pair, ...others] = result.monotone.violations;
    assertEquals([pair.smaller, pair.larger, pair.difference], [4, 8, 0]);
    assertEquals(others, []);
  });
});

Deno.test("summariseStudy draws the confusions of the best seed of the smallest model at 0.95", () => {
  withStudy(TRIALS, (study) => {
    writeContext(study, CONTEXT);
    const { confusion: { student, matrix } } = summariseStudy(study);
    assertEquals([student.hidden, student.seed], [4, 2]);
    // Rows are true classes; predictions were 0, 1, 1, 2 for 0, 1, 2, 2.
    assertEquals(matrix, [[1, 0, 0], [0, 1, 0], [0, 1, 1]]);
  });
});

Deno.test("summariseStudy draws the confusions of the best of all where none is at 0.95", () => {
  withStudy([TRIALS[3], [3, 1, 0.8, [0, 0, 0, 0]]], (study) => {
    writeContext(study, CONTEXT);
    assertEquals(summariseStudy(study).confusion.student.hidden, 3);
  });
});

Deno.test("summariseStudy says so where there is nothing to report", () => {
  const message = "at least one of its trials must be done";
  withStudy([], (study) => {
    writeContext(study, CONTEXT);
    assertThrows(() => summariseStudy(study), Error, message);
  });
  withStudy(TRIALS, (study) => {
    assertEquals(readContext(study), undefined);
    assertThrows(() => summariseStudy(study), Error, message);
  });
});
