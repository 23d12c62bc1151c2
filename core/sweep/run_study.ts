import { basename, dirname, join } from "node:path";
import { sha256Hex } from "../data/idx_file.ts";
import type { BackendChoice } from "../device/select_backend.ts";
import type { FeatureStore } from "../distill/feature_store.ts";
import { holdTrainingFeatures } from "../distill/resident_features.ts";
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
import { planCohorts } from "./plan_cohorts.ts";
import type { Study } from "./study.ts";
import { failTrial, finishTrial, listTrials, type Trial } from "./trials.ts";

/** Told of each trial as it is done, with what it has measured, or has failed. */
export type OnTrial = (trial: Trial, student?: TrainedStudent) => void;

/** What the trials of a study are trained from, and how. */
export interface RunStudyOptions {
  teacher: ModelSpec;
  store: FeatureStore;
  training: Omit<TrainingSpec, "seed">;
  backend: BackendChoice;
  /** Cohorts trained at a time. */
  workers: number;
  onTrial?: OnTrial;
  /** Told how many training steps are done, of how many. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** The file that a cohort's state is kept in while it is unfinished. */
async function checkpointPath(study: Study, cohort: Trial[]): Promise<string> {
  const members = JSON.stringify(
    cohort.map(({ hidden, dropout, loss, seed }) => [
      hidden,
      dropout,
      loss,
      seed,
    ]),
  );
  const hash = await sha256Hex(new TextEncoder().encode(members));
  return `${study.path}.${hash.slice(0, 16)}.checkpoint`;
}

/**
 * Trains the planned trials of `study`, cohort by cohort, and records each as it
 * is finished. A cohort that fails is recorded with its error and the rest go
 * on. When `signal` is aborted, cohorts under way save where they stand, and the
 * next run of the study goes on from there.
 */
export async function runStudy(
  study: Study,
  { teacher, store, training, backend, workers, onTrial, onProgress, signal }:
    RunStudyOptions,
): Promise<void> {
  const planned = listTrials(study).filter(({ state }) => state === "planned");
  const cohorts = planCohorts(planned, store.width);
  if (cohorts.length === 0) return;
  const held = await holdTrainingFeatures(store);
  const steps = training.epochs *
    Math.ceil(store.parts.train.count / training.batchSize);
  const stepsDone = new Map<Trial[], number>();

  const report = (cohort: Trial[], done: number) => {
    stepsDone.set(cohort, done);
    const total = [...stepsDone.values()].reduce((a, b) => a + b, 0);
    onProgress?.(total, steps * cohorts.length);
  };

  const trainCohort = async (cohort: Trial[]): Promise<void> => {
    const checkpoint = await checkpointPath(study, cohort);
    const task: CohortTask = {
      store: held,
      members: cohort.map(({ hidden, dropout, loss, seed }) => ({
        hidden,
        dropout,
        loss,
        seed,
      })),
      spec: { ...training, seed: cohort[0].seed },
      backend,
      checkpoint,
    };
    let result: CohortResult | undefined;
    try {
      result = await runInWorker<CohortTask, TrainingProgress, CohortResult>(
        new URL("./cohort_worker.ts", import.meta.url),
        task,
        { signal, onEvent: ({ step }) => report(cohort, step) },
      );
    } catch (error) {
      if (signal?.aborted) throw error;
      const message = error instanceof Error ? error.message : String(error);
      for (const trial of cohort) {
        failTrial(study, trial, message);
        onTrial?.({ ...trial, state: "failed", error: message });
      }
    }
    // Not above: a study that can't be written to is no failure of its trials.
    result?.students.forEach((student, member) => {
      const trial = cohort[member];
      finishTrial(study, trial, {
        student,
        parameters: countParameters(studentOf(teacher, trial)),
        seconds: result.seconds / cohort.length,
      });
      onTrial?.({ ...trial, state: "done" }, student);
    });
    report(cohort, steps);
    await Deno.remove(checkpoint).catch(() => {});
  };

  await runPool(cohorts, workers, trainCohort);
  await removeCheckpoints(study);
}

/**
 * Removes what stopped cohorts have left that were planned otherwise, with fewer
 * students for example: nothing is unfinished any more.
 */
async function removeCheckpoints({ path }: Study): Promise<void> {
  const folder = dirname(path);
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(`${basename(path)}.`) && name.endsWith(".checkpoint")) {
      await Deno.remove(join(folder, name));
    }
  }
}
