import type { BackendChoice } from "../device/select_backend.ts";
import type { FeatureStore } from "../distill/feature_store.ts";
import { holdTrainingFeatures } from "../distill/resident_features.ts";
import type { StudentConfig } from "../distill/student_config.ts";
import { tilesInUse } from "../kernels/webgpu/tile.ts";
import { countParameters } from "../models/cost.ts";
import { studentOf } from "../models/student.ts";
import type { ModelSpec } from "../models/spec.ts";
import type { TrainingProgress, TrainingSpec } from "../train/train.ts";
import { runInWorker } from "../workers/run_in_worker.ts";
import { runPool } from "../workers/run_pool.ts";
import type {
  CohortResult,
  CohortTask,
  TrainedStudent,
} from "./cohort_worker.ts";
import { cohortLimits } from "./cohort_limits.ts";
import { isLocalTrouble } from "./local_trouble.ts";
import { checkpointPath } from "./checkpoint_path.ts";
import { workersToPlanFor } from "./plan_cohorts.ts";
import { forgetPlan, planUnfinished } from "./plan_unfinished.ts";
import { removeCheckpoints } from "./remove_checkpoints.ts";
import type { Study } from "./study.ts";
import {
  failTrial,
  finishTrials,
  type TrainedTrial,
  type Trial,
} from "./trials.ts";

/** Told of each trial as it is done, with what it has measured, or has failed. */
export type OnTrial = (trial: Trial, student?: TrainedStudent) => void;

/**
 * Told how many training steps are done, of how many, and where the cohort that
 * has just told stands, with one of its students.
 */
export type OnSweepProgress = (
  done: number,
  total: number,
  now?: TrainingProgress & { student: StudentConfig },
) => void;

/** What the trials of a study are trained from, and how. */
export interface RunStudyOptions {
  teacher: ModelSpec;
  store: FeatureStore;
  training: Omit<TrainingSpec, "seed">;
  backend: BackendChoice;
  /** Cohorts trained at a time; what becomes of them does not depend on it. */
  workers: number;
  onTrial?: OnTrial;
  onProgress?: OnSweepProgress;
  onNote?: (note: string) => void;
  signal?: AbortSignal;
}

/** What a trial's cohort needs to know of it. */
function configOf(
  { hidden, dropout, loss, seed }: Trial,
): StudentConfig {
  return { hidden, dropout, loss, seed };
}

/**
 * Trains the planned trials of `study`, cohort by cohort, and records each cohort
 * as it is finished. A student whose loss diverges, or a cohort that can't be
 * trained, is recorded with its error, and the rest go on. When `signal` is aborted,
 * cohorts under way save where they stand, and the next run of the study goes on
 * from there; so too where something is no fault of the trials (see
 * {@linkcode isLocalTrouble}), which is thrown.
 */
export async function runStudy(
  study: Study,
  {
    teacher,
    store,
    training,
    backend,
    workers,
    onTrial,
    onProgress,
    onNote,
    signal,
  }: RunStudyOptions,
): Promise<void> {
  const cohorts = planUnfinished(study, {
    ...store,
    training,
    limits: await cohortLimits(backend),
    workers: workersToPlanFor(backend),
  }, onNote);
  // Of a run that was killed when all was done, too.
  if (cohorts.length === 0) return forgetPlan(study);
  const held = await holdTrainingFeatures(store);
  const stepsEach = training.epochs *
    Math.ceil(store.parts.train.count / training.batchSize);
  const stepsDone = new Map<Trial[], number>();
  const steps = stepsEach * cohorts.length;

  // Trouble of one is trouble of all: those under way save where they stand.
  const halt = new AbortController();
  const stop = AbortSignal.any(
    [halt.signal, signal].filter((each) => each !== undefined),
  );

  const report = (cohort: Trial[], done: number, now?: TrainingProgress) => {
    stepsDone.set(cohort, done);
    const total = [...stepsDone.values()].reduce((a, b) => a + b, 0);
    onProgress?.(total, steps, now && { student: configOf(cohort[0]), ...now });
  };

  const fail = (cohort: Trial[], error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    for (const trial of cohort) {
      failTrial(study, trial, message);
      onTrial?.({ ...trial, state: "failed", error: message });
    }
  };

  const finish = (cohort: Trial[], { students, seconds }: CohortResult) => {
    const finished = cohort.flatMap((trial, member): TrainedTrial[] => {
      const student = students[member];
      if ("failure" in student) return [];
      const parameters = countParameters(studentOf(teacher, trial));
      return [{ trial, student, parameters, seconds: seconds / cohort.length }];
    });
    finishTrials(study, finished);
    for (const { trial, student } of finished) {
      onTrial?.({ ...trial, state: "done" }, student);
    }
    cohort.forEach((trial, member) => {
      const student = students[member];
      if ("failure" in student) fail([trial], student.failure);
    });
  };

  const trainCohort = async (cohort: Trial[]): Promise<void> => {
    const checkpoint = await checkpointPath(study, cohort);
    const task: CohortTask = {
      store: held,
      members: cohort.map(configOf),
      spec: { ...training, seed: cohort[0].seed },
      backend,
      tiles: tilesInUse(),
      checkpoint,
    };
    let result: CohortResult;
    try {
      result = await runInWorker<CohortTask, TrainingProgress, CohortResult>(
        new URL("./cohort_worker.ts", import.meta.url),
        task,
        {
          signal: stop,
          onEvent: (event) => report(cohort, event.step, event),
          onNote,
        },
      );
    } catch (error) {
      if (stop.aborted || isLocalTrouble(error)) throw error;
      report(cohort, stepsEach);
      if (!(error instanceof Error) || error.name !== "DivergenceError") {
        // The checkpoint stays: what failed may work when it is tried again.
        return fail(cohort, error);
      }
      await Deno.remove(checkpoint).catch(() => {});
      return fail(cohort, error);
    }
    report(cohort, stepsEach);
    // Not above: a study that can't be written to is no failure of its trials.
    finish(cohort, result);
    await Deno.remove(checkpoint).catch(() => {});
  };

  await runPool(
    cohorts,
    workers,
    (cohort) =>
      trainCohort(cohort).catch((error) => {
        halt.abort(error);
        throw error;
      }),
  );
  forgetPlan(study);
  await removeCheckpoints(study);
}
