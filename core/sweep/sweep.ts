import type { SQLOutputValue } from "node:sqlite";
import type { SplitDataset } from "../data/split.ts";
import type { BackendInUse } from "../device/select_backend.ts";
import type { FeatureStore } from "../distill/feature_store.ts";
import { decodeHead } from "../distill/head_weights.ts";
import { logitAccuracy } from "../distill/logit_accuracy.ts";
import type { StudentConfig } from "../distill/student_config.ts";
import type { LoadedModel } from "../models/load_model.ts";
import type { TrainingSpec } from "../train/train.ts";
import type { StudyDetails } from "./result.ts";
import { explainSqliteError } from "./explain_sqlite_error.ts";
import { replanDamaged } from "./check_record.ts";
import { keepContext } from "./keep_context.ts";
import { type OnSweepProgress, type OnTrial, runStudy } from "./run_study.ts";
import {
  ensureStudy,
  lockStudy,
  planTrials,
  replanFailed,
  type Study,
  type StudySetting,
} from "./study.ts";
import { summariseStudy } from "./summarise_study.ts";

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
 * What the trials of a study must have in common: the teacher's hash, the
 * dataset with its hashes and division, and how students are trained.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { BARS_TRAINING, makeBars, makeBarsTeacher } from "../../tests/core/bars.ts";
 * import { studySetting } from "./sweep.ts";
 *
 * const teacher = await makeBarsTeacher();
 * const setting = studySetting({ teacher, dataset: makeBars(), training: BARS_TRAINING });
 * assertEquals(setting.teacher, teacher.sha256);
 * ```
 */
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
  const { path } = options;
  using _lock = await lockStudy(path);
  using study = ensureStudy(path, studySetting(options), {
    onWait: options.onWait,
  });
  try {
    return await completeStudy(study, options);
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}

/** Throws a `SyntaxError` unless the weights in a trial's row are what was written. */
function checkHead({ id, weights }: Record<string, SQLOutputValue>): void {
  const head = weights instanceof Uint8Array ? weights : [];
  decodeHead(new Uint8Array(head), `trial ${id}`);
}

async function completeStudy(
  study: Study,
  options: SweepOptions,
): Promise<StudyDetails> {
  const { teacher, store, backend } = options;
  planTrials(study, options.students);
  replanDamaged(study, { onNote: options.onNote, checkMore: checkHead });
  if (options.retryFailed) replanFailed(study);
  const accuracy = {
    validation: logitAccuracy(store.parts.validation),
    test: logitAccuracy(store.parts.test),
  };
  await keepContext(
    study,
    { ...options, accuracy },
    () =>
      runStudy(study, {
        ...options,
        teacher: teacher.spec,
        backend: backend.name,
      }),
  );
  return summariseStudy(study);
}
