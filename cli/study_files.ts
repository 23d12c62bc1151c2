import {
  openStudy,
  readStudySetting,
  type Study,
  type StudySetting,
} from "../core/sweep/study.ts";
import { listTrials, type Trial } from "../core/sweep/trials.ts";
import { UsageError } from "./errors.ts";
import type { OptionTable } from "./option.ts";

/** Options of every command that works on a study. */
export const STUDY_OPTIONS = {
  study: {
    kind: "string",
    placeholder: "NAME",
    help: "name of the study, that is of its folder under studies/",
  },
} as const satisfies OptionTable;

/** The study that commands use unless told otherwise. */
export const DEFAULT_STUDY = "default";

/** The folder of the study called `name`. */
export function studyFolder(name: string): string {
  if (!/^[\w][\w.-]*$/.test(name)) {
    throw new UsageError(
      `Cannot use --study ${name}: a name must be letters, digits, dots, dashes and underscores: it becomes a folder under studies/`,
    );
  }
  return `studies/${name}`;
}

/** The file that holds the study called `name`. */
export function studyPath(name: string): string {
  return `${studyFolder(name)}/study.db`;
}

/** Opens the study called `name`, which a sweep must have begun. */
export function openNamedStudy(name: string): Study {
  const path = studyPath(name);
  try {
    return openStudy(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      `Cannot open the study ${name}: a sweep must have begun it: there is no ${path}; run \`deno task sweep --study ${name}\``,
      { cause: error },
    );
  }
}

/** What the study called `name` has planned, failed or not finished yet. */
export function readStoredPlan(
  name: string,
): { training: StudySetting["training"]; students: Trial[] } {
  using study = openNamedStudy(name);
  const setting = readStudySetting(study);
  const students = listTrials(study).filter(({ state }) => state !== "done");
  return { training: setting.training, students };
}
