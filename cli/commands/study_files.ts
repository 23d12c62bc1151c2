import type { StudentConfig } from "../../core/distill/student_config.ts";
import {
  openStudy,
  readStudySetting,
  type Study,
  type StudySetting,
} from "../../core/sweep/study.ts";
import { SWEEP_FORMAT } from "../../core/sweep/study_format.ts";
import { listTrials, type Trial } from "../../core/sweep/trials.ts";
import { UsageError } from "../terminal/errors.ts";
import type { OptionTable } from "../options/option.ts";
import { ownPath } from "../options/own_path.ts";

/** The study that commands use unless told otherwise. */
export const DEFAULT_STUDY = "default";

/** Options of every command that works on a study. */
export const STUDY_OPTIONS = {
  study: {
    kind: "string",
    placeholder: "NAME",
    usual: `"${DEFAULT_STUDY}"`,
    help: "name of the study: of its folder under studies/",
  },
} as const satisfies OptionTable;

/** The folder of the study called `name`. */
export function studyFolder(name: string): string {
  if (!/^\w[\w.-]{0,99}$/.test(name)) {
    throw new UsageError(
      `Cannot use --study ${name}: a name must be letters, digits, dots, dashes and underscores, at most 100: it becomes a folder under studies/`,
    );
  }
  return ownPath(`studies/${name}`);
}

/** The file that holds the study called `name`. */
export function studyPath(name: string): string {
  return `${studyFolder(name)}/study.db`;
}

/**
 * Opens the study called `name`, which a sweep must have begun; `note` is told
 * where another program holds it and is waited for.
 */
export function openNamedStudy(
  name: string,
  note?: (text: string) => void,
): Study {
  const path = studyPath(name);
  try {
    return openStudy(path, SWEEP_FORMAT, { onWait: note });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      `Cannot open the study ${name}: a sweep must have begun it: there is no ${path}; run \`deno task sweep --study ${name}\``,
      { cause: error },
    );
  }
}

/** How the study called `name` trains its students. */
export function readStoredTraining(name: string): StudySetting["training"] {
  using study = openNamedStudy(name);
  return readStudySetting(study).training;
}

/** Trials of the study called `name`; none where no sweep has begun it. */
function listStoredTrials(name: string): Trial[] {
  try {
    using study = openStudy(studyPath(name));
    return listTrials(study);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/**
 * What a sweep over `students` has to train: those that the study called `name`
 * lacks, after those that it has planned, and what failed if that is retried.
 */
export function listUnfinished(
  name: string,
  students: StudentConfig[],
  { retryFailed }: { retryFailed: boolean },
): StudentConfig[] {
  const trials = listStoredTrials(name);
  const identify = ({ hidden, dropout, loss, seed }: StudentConfig) =>
    JSON.stringify([hidden, dropout, loss, seed]);
  const known = new Set(trials.map(identify));
  return [
    ...trials.filter(({ state }) =>
      state === "planned" || (retryFailed && state === "failed")
    ),
    ...students.filter((student) => !known.has(identify(student))),
  ];
}
