import { assertEquals } from "@std/assert";
import { failTrial } from "../study/fail_trial.ts";
import { SWEEP_FORMAT } from "../../../core/study/study_format.ts";
import {
  forgetPlan,
  planUnfinished,
} from "../../../core/sweep/plan_cohorts.ts";
import { ensureStudy } from "../../../core/study/run_study.ts";
import type { Study } from "../../../core/study/study.ts";
import { listTrials } from "../../../core/sweep/trials.ts";

const training = {
  epochs: 2,
  batchSize: 128,
  patience: 2,
  optimiser: { kind: "adam" },
  schedule: { kind: "constant", rate: 0.1 },
} as const;

const OPTIONS = {
  width: 9216,
  classes: 10,
  training,
  limits: { bytes: 2 ** 30, largest: 2 ** 30 },
  workers: 2,
};

/** A new study in a folder that goes with the scope. */
function makeStudy(): Disposable & { study: Study } {
  const folder = Deno.makeTempDirSync();
  const study = ensureStudy(`${folder}/study.db`, SWEEP_FORMAT, {
    teacher: "abc",
    dataset: { name: "d", sha256: {}, split: { seed: 0, validation: 2 } },
    training,
  });
  return {
    study,
    [Symbol.dispose]() {
      study[Symbol.dispose]();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

function plan(study: Study, seed: number, widths: number[]): void {
  const loss = { kind: "logit-mse" } as const;
  study.plan(widths.map((hidden) => ({ hidden, dropout: 0.2, loss, seed })));
}

/** Each cohort's students as "width seed". */
function namePlan(study: Study): string[][] {
  const cohorts = planUnfinished(study, OPTIONS);
  return cohorts.map((cohort) =>
    cohort.map(({ hidden, seed }) => `${hidden} ${seed}`)
  );
}

const WIDTHS = [64, 65, 66, 67];

Deno.test("a study that grows is planned for the workers that there are, whatever is over", () => {
  using made = makeStudy();
  plan(made.study, 1, WIDTHS);
  for (const trial of listTrials(made.study)) failTrial(made.study, trial, "-");
  plan(made.study, 2, WIDTHS);
  assertEquals(namePlan(made.study), [["64 2", "67 2"], [
    "65 2",
    "66 2",
  ]]);
});

Deno.test("what a stopped run had planned together stays together, begun or not, where it fits", () => {
  using made = makeStudy();
  plan(made.study, 1, WIDTHS);
  plan(made.study, 2, WIDTHS);
  const cohorts = planUnfinished(made.study, OPTIONS);
  for (const trial of cohorts[0]) failTrial(made.study, trial, "-");
  assertEquals(cohorts.length, 2);
  assertEquals(
    planUnfinished(made.study, OPTIONS),
    [cohorts[1]],
    "not cut in two, though a worker is idle",
  );
  assertEquals(
    planUnfinished(made.study, { ...OPTIONS, workers: 3 }),
    [cohorts[1]],
  );
  // What is added to the study is planned anew.
  plan(made.study, 3, WIDTHS);
  assertEquals(namePlan(made.study)[0], WIDTHS.map((w) => `${w} 2`));
  const tight = { ...OPTIONS, limits: { bytes: 2 ** 24, largest: 2 ** 24 } };
  assertEquals(planUnfinished(made.study, tight).length > 2, true);
  forgetPlan(made.study);
  assertEquals(namePlan(made.study).flat().length, 8);
});

Deno.test("a study whose trials are all over needs no cohort", () => {
  using made = makeStudy();
  plan(made.study, 1, [3]);
  for (const trial of listTrials(made.study)) failTrial(made.study, trial, "-");
  assertEquals(namePlan(made.study), []);
});
