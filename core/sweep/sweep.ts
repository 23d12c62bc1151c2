import type { SplitDataset } from "../data/split.ts";
import type { BackendChoice, BackendInUse } from "../device/select_backend.ts";
import type { FeatureStore } from "../distill/feature_store.ts";
import { decodeHead } from "../distill/head_weights.ts";
import { logitAccuracy } from "../distill/logit_accuracy.ts";
import { holdTrainingFeatures } from "../distill/resident_features.ts";
import type { StudentConfig } from "../distill/student_config.ts";
import { countParameters } from "../models/cost.ts";
import type { LoadedModel } from "../models/formats/load_model.ts";
import type { ModelSpec } from "../models/spec.ts";
import { studentOf } from "../models/student.ts";
import { checkpointPath } from "../study/checkpoints.ts";
import { keepContext } from "../study/context.ts";
import { runGroups, type TrialGroup } from "../study/run_groups.ts";
import { runInThreads, type Runner } from "../study/runner.ts";
import { runStudy, studySetting } from "../study/run_study.ts";
import type { Study } from "../study/study.ts";
import { SWEEP_FORMAT } from "../study/study_format.ts";
import type { TrainingProgress, TrainingSpec } from "../train/train.ts";
import type {
  CohortResult,
  CohortSource,
  CohortTask,
  TrainedStudent,
} from "./cohort_worker.ts";
import {
  cohortLimits,
  forgetPlan,
  planUnfinished,
  workersToPlanFor,
} from "./plan_cohorts.ts";
import type { StudyDetails } from "./result.ts";
import { summariseStudy } from "./summarise_study.ts";
import { finishTrials, type TrainedTrial, type Trial } from "./trials.ts";

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

/** What a sweep works with, and how. */
export interface SweepOptions {
  /** What reports call the study. */
  name: string;
  /** File of the study; begun if there is none. */
  path: string;
  /** Whose convolutions students keep, and whose logits they learn. */
  teacher: LoadedModel;
  /** The images that `store` was computed from. */
  dataset: SplitDataset;
  /** The teacher's features and logits of `dataset`. */
  store: FeatureStore;
  /** Students to train, beside those that the study has planned already. */
  students: StudentConfig[];
  /** How students are trained; the seed is each one's own. */
  training: Omit<TrainingSpec, "seed">;
  /** Backend that each worker selects, and that reports name. */
  backend: BackendInUse;
  /** Cohorts trained at a time; what becomes of them does not depend on it. */
  workers: number;
  /** Whether to try again what failed. */
  retryFailed?: boolean;
  /** Seconds spent on the study before this call, on features for example. */
  secondsBefore?: number;
  /** Told, in words, where another program holds the study and is waited for. */
  onWait?: (message: string) => void;
  /** Told of each trial that is done or has failed. */
  onTrial?: OnTrial;
  /** Told how far the training has come. */
  onProgress?: OnSweepProgress;
  /** Told in a sentence why what was kept, a cohort's checkpoint say, is not used. */
  onNote?: (note: string) => void;
  /** When aborted, cohorts under way save where they stand, then stop. */
  signal?: AbortSignal;
}

/**
 * Trains every student that the study in `path` lacks, many in one pass, and
 * reports on all that it holds. A student that is done is never trained again; a
 * kill at any moment loses at most those under way.
 *
 * Throws a `SyntaxError` where the file is no study; an `Error` where it was begun
 * with another teacher, dataset or training, another process is running it, or
 * no trial is done in the end; and the signal's reason when that is aborted. A
 * trial that fails is recorded, and the rest go on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { BARS_TRAINING, makeBarsStore } from "../../tests/core/bars.ts";
 * import { selectBackend } from "../device/select_backend.ts";
 * import { listStudents } from "./search_space.ts";
 * import { sweep } from "./sweep.ts";
 *
 * const { dataset, teacher, store } = await makeBarsStore();
 * const { result } = await sweep({
 *   name: "bars",
 *   path: `${await Deno.makeTempDir()}/study.db`,
 *   teacher,
 *   dataset,
 *   store,
 *   students: listStudents({
 *     hidden: [2, 16],
 *     dropout: [0.2],
 *     losses: [{ kind: "logit-mse" }],
 *     seeds: [1],
 *   }),
 *   training: { ...BARS_TRAINING, epochs: 20 },
 *   backend: await selectBackend("wasm"),
 *   workers: 1,
 * });
 * assertEquals(result.students.length, 2);
 * assertEquals(result.frontier[0].accuracy, 0.9); // reached by one at least
 * ```
 */
export async function sweep(options: SweepOptions): Promise<StudyDetails> {
  const { teacher, store, backend, onNote } = options;
  const format = SWEEP_FORMAT;
  const setting = studySetting(options);
  return await runStudy({ ...options, format, setting }, async (study) => {
    study.plan(options.students);
    study.replanDamaged({
      // The record has no checksum of the weights: they carry their own.
      checkModel: (weights, id) => decodeHead(weights, `trial ${id}`),
      onNote,
    });
    if (options.retryFailed) study.replan("failed");
    const accuracy = {
      validation: logitAccuracy(store.parts.validation),
      test: logitAccuracy(store.parts.test),
    };
    await keepContext(
      study,
      { ...options, accuracy, trains: study.has("planned") },
      () =>
        trainCohorts(study, {
          ...options,
          teacher: teacher.spec,
          backend: backend.name,
        }),
    );
    return summariseStudy(study);
  });
}

/** What the trials of a study are trained from, and how. */
export interface CohortOptions extends
  Pick<
    SweepOptions,
    | "store"
    | "training"
    | "workers"
    | "onTrial"
    | "onProgress"
    | "onNote"
    | "signal"
  > {
  teacher: ModelSpec;
  backend: BackendChoice;
}

/** What a runner is told of a trial. */
function configOf(
  { hidden, dropout, loss, seed }: Trial,
): StudentConfig {
  return { hidden, dropout, loss, seed };
}

/**
 * Cohorts in worker threads. One whose students all diverge is an answer, as it is of
 * one of them: there is nothing to go on from.
 */
function cohortRunner(
  source: CohortSource,
  options: { backend: BackendChoice; onNote?: (note: string) => void },
): Runner<CohortTask, TrainingProgress, CohortResult> {
  const run = runInThreads<
    CohortSource,
    CohortTask,
    TrainingProgress,
    CohortResult
  >(new URL("./cohort_worker.ts", import.meta.url), {
    shared: source,
    ...options,
  });
  return async (task, context) => {
    try {
      return await run(task, context);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "DivergenceError") {
        throw error;
      }
      const { message: failure } = error;
      return { students: task.members.map(() => ({ failure })), seconds: 0 };
    }
  };
}

/** The trials of `cohort` as they are trained: what is told, and recorded. */
async function groupOf(
  study: Study,
  cohort: Trial[],
  { teacher, onTrial }: Pick<CohortOptions, "teacher" | "onTrial">,
): Promise<TrialGroup<CohortTask, TrainingProgress, CohortResult>> {
  const members = cohort.map(configOf);
  const checkpoint = await checkpointPath(
    study,
    members.map(({ hidden, dropout, loss, seed }) => [
      hidden,
      dropout,
      loss,
      seed,
    ]),
  );
  const tellFailed = (trials: Trial[], error: string) =>
    trials.forEach((trial) => onTrial?.({ ...trial, state: "failed", error }));
  return {
    trials: cohort.map(({ id }) => id),
    task: { members, checkpoint },
    hear: ({ step }) => ({ done: step }),
    finish({ students, seconds }) {
      const finished = cohort.flatMap((trial, member): TrainedTrial[] => {
        const student = students[member];
        if ("failure" in student) return [];
        const parameters = countParameters(studentOf(teacher, trial));
        const share = seconds / cohort.length;
        return [{ trial, student, parameters, seconds: share }];
      });
      finishTrials(study, finished);
      for (const { trial, student } of finished) {
        onTrial?.({ ...trial, state: "done" }, student);
      }
      cohort.forEach((trial, member) => {
        const student = students[member];
        if (!("failure" in student)) return;
        study.close([trial.id], "failed", student.failure);
        tellFailed([trial], student.failure);
      });
    },
    closed: (_, error) => tellFailed(cohort, error),
    removeFiles: () => Deno.remove(checkpoint).catch(() => {}),
  };
}

/**
 * Trains the planned trials of `study`, cohort by cohort, and records each cohort
 * as it is finished, as {@linkcode runGroups} does. A student whose loss diverges is
 * recorded with its error, and the rest go on.
 */
export async function trainCohorts(
  study: Study,
  { store, training, backend, workers, onProgress, ...options }: CohortOptions,
): Promise<void> {
  const { onNote, signal } = options;
  const cohorts = planUnfinished(study, {
    ...store,
    training,
    limits: await cohortLimits(backend),
    workers: workersToPlanFor(backend),
  }, onNote);
  // Of a run that was killed when all was done, too.
  if (cohorts.length === 0) return forgetPlan(study);
  const held = await holdTrainingFeatures(store);
  const groups = await Promise.all(
    cohorts.map((cohort) => groupOf(study, cohort, options)),
  );
  await runGroups(study, groups, {
    runner: cohortRunner({ store: held, training }, { backend, onNote }),
    workers,
    count: groups.length,
    each: training.epochs *
      Math.ceil(store.parts.train.count / training.batchSize),
    onProgress: (done, total, { task }, now) =>
      onProgress?.(done, total, now && { student: task.members[0], ...now }),
    signal,
  });
  forgetPlan(study);
}
