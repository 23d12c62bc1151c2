import type { SplitDataset, SplitSpec } from "../data/split.ts";
import { isRecord } from "../files/json.ts";
import type { TrainingSpec } from "../train/train.ts";
import { explainSqliteError } from "./explain_sqlite_error.ts";
import { makeStudyFile, Study, type WaitOptions } from "./study.ts";
import type { StudyFormat } from "./study_format.ts";

/** What all trials of a study share; trials under another setting need another study. */
export interface StudySetting<Training = Omit<TrainingSpec, "seed">> {
  /** SHA-256 of the teacher. */
  teacher: string;
  /** Name, hashes of the files, and division. */
  dataset: { name: string; sha256: Record<string, string>; split: SplitSpec };
  /** How students are trained; the seed is each one's own. */
  training: Training;
}

/**
 * What the trials of a study must have in common: the teacher's hash, the
 * dataset with its hashes and division, and how students are trained.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { BARS_TRAINING, makeBars, makeBarsTeacher } from "../../tests/core/bars.ts";
 * import { studySetting } from "./run_study.ts";
 *
 * const teacher = await makeBarsTeacher();
 * const setting = studySetting({ teacher, dataset: makeBars(), training: BARS_TRAINING });
 * assertEquals(setting.teacher, teacher.sha256);
 * ```
 */
export function studySetting<Training>(
  { teacher, dataset: { name, sha256, split }, training }: {
    /** What students learn from. */
    teacher: { sha256: string };
    /** The images. */
    dataset: Pick<SplitDataset, "name" | "sha256" | "split">;
    /** How students are trained. */
    training: Training;
  },
): StudySetting<Training> {
  return {
    teacher: teacher.sha256,
    dataset: { name, sha256, split },
    training,
  };
}

function isStudySetting(value: unknown): value is StudySetting {
  return isRecord(value) && typeof value.teacher === "string" &&
    isRecord(value.dataset) && isRecord(value.training);
}

/**
 * What the study's trials share. Throws a `SyntaxError` where no sweep has begun
 * it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { planBarsStudy } from "../../tests/core/bars_study.ts";
 * import { readStudySetting } from "./run_study.ts";
 * import { openStudy } from "./study.ts";
 *
 * using study = openStudy(await planBarsStudy());
 * assertEquals(readStudySetting(study).dataset.name, "bars");
 * ```
 */
export function readStudySetting(study: Study): StudySetting {
  const setting = study.readSetting("setting");
  if (isStudySetting(setting)) return setting;
  throw new SyntaxError(
    `Cannot use the study ${study.path}: it must say how its trials are made: it does not`,
  );
}

/** What tells settings apart: a dataset's files do, not what it is called. */
function settingKey(setting: unknown): string {
  return JSON.stringify(
    isRecord(setting) && isRecord(setting.dataset)
      ? { ...setting, dataset: { ...setting.dataset, name: "" } }
      : setting,
  );
}

/**
 * Opens the study of the kind `format` at `path`, or begins one, for trials under
 * `setting`, which is plain data.
 *
 * Throws what {@linkcode openStudy} throws, and an `Error` where the study was
 * begun under another setting: trials made differently are not compared.
 */
export function ensureStudy<F extends StudyFormat>(
  path: string,
  format: F,
  setting: StudySetting<unknown>,
  options: WaitOptions = {},
): Study<F> {
  const study = openOrMake(path, format, options);
  try {
    const existing = study.readSetting("setting");
    if (existing === undefined) study.writeSetting("setting", setting);
    else if (settingKey(existing) !== settingKey(setting)) {
      throw new Error(
        `Cannot add to the study ${path}: its trials must share teacher, data and training: it was begun with others; choose another name with --study`,
      );
    }
    return study;
  } catch (error) {
    study[Symbol.dispose]();
    throw error;
  }
}

function openOrMake<F extends StudyFormat>(
  path: string,
  format: F,
  options: WaitOptions,
): Study<F> {
  try {
    return new Study(path, format, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  makeStudyFile(path, format);
  return new Study(path, format, options);
}

/**
 * Takes the study for this process until the result is disposed of, or the
 * process ends in whatever way.
 *
 * Throws an `Error` where another process has it.
 */
export async function lockStudy(path: string): Promise<Disposable> {
  const file = await Deno.open(`${path}.lock`, { create: true, write: true });
  if (await file.tryLock(true)) return file;
  file.close();
  throw new Error(
    `Cannot run the study ${path}: only one process may at a time: another one is running it; wait for it, or choose another name with --study`,
  );
}

/**
 * Does `work` on the study at `path`, which no other process runs meanwhile; begun
 * if there is none. Throws what {@linkcode lockStudy} and {@linkcode ensureStudy}
 * throw, and what `work` throws, SQLite's errors with a remedy.
 */
export async function runStudy<F extends StudyFormat, Result>(
  { path, format, setting, onWait }: WaitOptions & {
    path: string;
    format: F;
    setting: StudySetting<unknown>;
  },
  work: (study: Study<F>) => Promise<Result>,
): Promise<Result> {
  using _lock = await lockStudy(path);
  using study = ensureStudy(path, format, setting, { onWait });
  try {
    return await work(study);
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}
