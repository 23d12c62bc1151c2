import type { SplitDataset } from "../data/split.ts";
import type { BackendInUse } from "../device/select_backend.ts";
import type { FeatureStore } from "../distill/feature_store.ts";
import { logitAccuracy } from "../distill/logit_accuracy.ts";
import type { StudentConfig } from "../distill/student_config.ts";
import { classCount, countParameters } from "../models/cost.ts";
import type { LoadedModel } from "../models/load_model.ts";
import type { TrainingSpec } from "../train/train.ts";
import type { StudyDetails } from "./result.ts";
import { type OnTrial, runStudy } from "./run_study.ts";
import {
  ensureStudy,
  lockStudy,
  planTrials,
  replanFailed,
  type StudySetting,
} from "./study.ts";
import {
  readContext,
  summariseStudy,
  writeContext,
} from "./summarise_study.ts";

/** What a sweep works with, and how. */
export interface SweepOptions {
  /** What reports call the study. */
  name: string;
  /** File of the study; begun if there is none. */
  path: string;
  teacher: LoadedModel;
  dataset: SplitDataset;
  /** The teacher's features and logits of `dataset`. */
  store: FeatureStore;
  /** Students to train, beside those that the study has planned already. */
  students: StudentConfig[];
  training: Omit<TrainingSpec, "seed">;
  backend: BackendInUse;
  /** Cohorts trained at a time. */
  workers: number;
  /** Whether to try again what failed. */
  retryFailed?: boolean;
  /** Seconds spent on the study before this call, on features for example. */
  secondsBefore?: number;
  onTrial?: OnTrial;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** What the trials of a study must have in common. */
export function studySetting(
  { teacher, dataset, training }: Pick<
    SweepOptions,
    "teacher" | "dataset" | "training"
  >,
): StudySetting {
  const { name, sha256, split } = dataset;
  return {
    teacher: teacher.sha256,
    dataset: { name, sha256, split },
    training,
  };
}

/**
 * Trains every student that the study in `path` lacks, many in one pass, and
 * reports on all that it holds. A student that is done is never trained again; a
 * kill at any moment loses at most those under way.
 *
 * Throws what {@linkcode ensureStudy} and {@linkcode lockStudy} throw, the
 * signal's reason when it is aborted, and an `Error` where no trial is done.
 */
export async function sweep(options: SweepOptions): Promise<StudyDetails> {
  const { name, path, teacher, dataset, store, backend } = options;
  const began = performance.now();
  using _lock = await lockStudy(path);
  using study = ensureStudy(path, studySetting(options));
  planTrials(study, options.students);
  if (options.retryFailed) replanFailed(study);
  const before = (readContext(study)?.seconds ?? 0) +
    (options.secondsBefore ?? 0);
  const saveContext = () =>
    writeContext(study, {
      study: name,
      dataset: {
        name: dataset.name,
        sha256: dataset.sha256,
        train: dataset.train.count,
        validation: dataset.validation.count,
        test: dataset.test.count,
      },
      backend: { name: backend.name, adapter: backend.adapter },
      teacher: {
        parameters: countParameters(teacher.spec),
        bytes: teacher.bytes,
        accuracy: {
          validation: logitAccuracy(store.parts.validation),
          test: logitAccuracy(store.parts.test),
        },
      },
      classes: classCount(teacher.spec),
      testLabels: dataset.test.labels.toBase64(),
      seconds: before + (performance.now() - began) / 1000,
    });
  saveContext();
  try {
    await runStudy(study, {
      ...options,
      teacher: teacher.spec,
      backend: backend.name,
    });
  } finally {
    saveContext();
  }
  return summariseStudy(study);
}
