import type { DatabaseSync } from "node:sqlite";
import { checksum } from "../files/checksum.ts";
import { isRecord, parseJson } from "../files/json.ts";
import type { SplitSpec } from "../data/split.ts";
import type { TrainingSpec } from "../train/train.ts";
import type { StudentConfig } from "../distill/student_config.ts";
import { formatLoss } from "../train/losses/losses.ts";
import { ensureStudyFile, openStudyFile } from "./study_file.ts";
import { type StudyFormat, SWEEP_FORMAT } from "./study_format.ts";
import { type WaitOptions, whenFree } from "./when_free.ts";

/** What all trials of a study share; trials under another setting need another study. */
export interface StudySetting {
  /** SHA-256 of the teacher. */
  teacher: string;
  /** Name, hashes of the files, and division. */
  dataset: { name: string; sha256: Record<string, string>; split: SplitSpec };
  /** How students are trained; the seed is each one's own. */
  training: Omit<TrainingSpec, "seed">;
}

/** A study: one SQLite file, in which every finished trial survives any crash. */
export interface Study {
  /** Its file. */
  path: string;
  /** The file, open. */
  database: DatabaseSync;
  /** What it holds. */
  format: StudyFormat;
  /** Told where another program holds it, and is waited for. */
  onWait?: (message: string) => void;
  /** Closes the file. */
  [Symbol.dispose](): void;
}

function asStudy(
  path: string,
  database: DatabaseSync,
  { format, onWait }: WaitOptions & { format: StudyFormat },
): Study {
  return {
    path,
    database,
    format,
    onWait,
    [Symbol.dispose]: () => database.close(),
  };
}

/**
 * Opens the study at `path` as it is; a sweep's unless `format` is another.
 *
 * Throws `Deno.errors.NotFound` where there is none, a `SyntaxError` where the
 * file is no study, an `Error` where its format is of another version.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { openStudy } from "./study.ts";
 *
 * assertThrows(() => openStudy("/no/such/study.db"), Deno.errors.NotFound);
 * ```
 */
export function openStudy(
  path: string,
  format: StudyFormat = SWEEP_FORMAT,
  options: WaitOptions = {},
): Study {
  return asStudy(path, openStudyFile(path, format, options), {
    ...options,
    format,
  });
}

/** Under which key the checksum of an entry is kept. */
function checksumKey(key: string): string {
  return `checksum of ${key}`;
}

function textChecksum(text: string): string {
  return String(checksum(new TextEncoder().encode(text)));
}

/**
 * Reads one entry of the study's settings; `undefined` where there is none. Throws a
 * `SyntaxError` where it isn't what was written; entries from before there were
 * checksums are taken as they are.
 */
export function readSetting(study: Study, key: string): unknown {
  const select = study.database
    .prepare("SELECT value FROM setting WHERE key = ?");
  const text = select.get(key)?.value;
  if (typeof text !== "string") return undefined;
  const wanted = select.get(checksumKey(key))?.value;
  try {
    const value = parseJson(text, `${key} of ${study.path}`);
    if (wanted === undefined || wanted === textChecksum(text)) return value;
  } catch {
    // Told below.
  }
  throw new SyntaxError(
    `Cannot use the study ${study.path}: its ${key} must be what was written: it is not; bring back a copy of the study, or choose another name with --study`,
  );
}

/** Writes one entry of the study's settings, with its checksum. */
export function writeSetting(study: Study, key: string, value: unknown): void {
  const text = JSON.stringify(value);
  inTransaction(study, () => {
    study.database
      .prepare(
        "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?), (?, ?)",
      )
      .run(key, text, checksumKey(key), textChecksum(text));
  });
}

/** Removes one entry of the study's settings, if it is there. */
export function forgetSetting(study: Study, key: string): void {
  inTransaction(study, () => {
    study.database.prepare("DELETE FROM setting WHERE key IN (?, ?)")
      .run(key, checksumKey(key));
  });
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
 * import { openStudy, readStudySetting } from "./study.ts";
 *
 * using study = openStudy(await planBarsStudy());
 * assertEquals(readStudySetting(study).dataset.name, "bars");
 * ```
 */
export function readStudySetting(study: Study): StudySetting {
  const setting = readSetting(study, "setting");
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
 * Opens the study at `path`, or begins one, for trials under `setting`, which is
 * plain data; a sweep's unless `format` is another.
 *
 * Throws what {@linkcode openStudy} throws, and an `Error` where the study was
 * begun under another setting: trials made differently are not compared.
 */
export function ensureStudy(
  path: string,
  setting: object,
  { format = SWEEP_FORMAT, ...options }:
    & WaitOptions
    & { format?: StudyFormat } = {},
): Study {
  const study = asStudy(path, ensureStudyFile(path, format, options), {
    ...options,
    format,
  });
  const existing = readSetting(study, "setting");
  if (existing === undefined) writeSetting(study, "setting", setting);
  else if (settingKey(existing) !== settingKey(setting)) {
    study[Symbol.dispose]();
    throw new Error(
      `Cannot add to the study ${path}: its trials must share teacher, data and training: it was begun with others; choose another name with --study`,
    );
  }
  return study;
}

/**
 * Adds the students that the study doesn't hold yet, as planned; those that it
 * holds stay as they are, so that none is ever trained twice.
 */
export function planTrials(study: Study, students: StudentConfig[]): void {
  const insert = study.database.prepare(
    "INSERT OR IGNORE INTO trial (hidden, dropout, loss, seed) VALUES (?, ?, ?, ?)",
  );
  inTransaction(study, () => {
    for (const { hidden, dropout, loss, seed } of students) {
      insert.run(hidden, dropout, formatLoss(loss), seed);
    }
  });
}

/** Makes trials that failed planned again. */
export function replanFailed(study: Study): void {
  inTransaction(study, () => {
    study.database.exec(
      "UPDATE trial SET state = 'planned', error = NULL WHERE state = 'failed'",
    );
  });
}

/** Runs `work` as one transaction, or in the one there is: all of its changes are kept, or none. */
export function inTransaction(study: Study, work: () => void): void {
  const { database, path, onWait } = study;
  if (database.isTransaction) return work();
  whenFree(database, () => database.exec("BEGIN IMMEDIATE"), { path, onWait });
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    // On a full disk SQLite has done so itself: the first error is the one to tell.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
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
