import type { StudentConfig } from "../../core/distill/student_config.ts";
import { isRecord } from "../../core/files/json.ts";
import {
  type EvolutionSpec,
  readEvolution,
} from "../../core/search/evolution.ts";
import type { SearchTraining } from "../../core/search/search_training.ts";
import type {
  SearchStudy,
  SearchTrial,
} from "../../core/search/search_trials.ts";
import {
  readStudySetting,
  type StudySetting,
} from "../../core/study/run_study.ts";
import {
  openStudy,
  type Study,
  type TrialRow,
} from "../../core/study/study.ts";
import {
  SEARCH_FORMAT,
  type StudyFormat,
  SWEEP_FORMAT,
} from "../../core/study/study_format.ts";
import { UsageError } from "../terminal/errors.ts";
import type { OptionTable } from "../options/option.ts";
import { ownPath } from "../options/own_path.ts";

/** The study that commands use unless told otherwise. */
export const DEFAULT_STUDY = "default";

/** The search that commands use unless told otherwise. */
export const DEFAULT_SEARCH = "compact";

/** The search by evolution that is made unless told otherwise. */
export const DEFAULT_EVOLUTION = "evolved";

/** Options of every command that works on a study; `usual` is used unless it says. */
function studyOptions(usual: string) {
  return {
    study: {
      kind: "string",
      placeholder: "NAME",
      usual: `"${usual}"`,
      help: "name of the study: of its folder under studies/",
    },
  } as const satisfies OptionTable;
}

/** Options of every command that works on a sweep's study. */
export const STUDY_OPTIONS = studyOptions(DEFAULT_STUDY);

/** Options of every command that works on a search. */
export const SEARCH_STUDY_OPTIONS = studyOptions(DEFAULT_SEARCH);

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

/** The file that holds the search called `name`. */
export function searchPath(name: string): string {
  return `${studyFolder(name)}/search.db`;
}

/** Opens the study of the kind `format` at `path`; where there is none, throws `missing`. */
function openBegun<F extends StudyFormat>(
  path: string,
  { format, missing, note }: {
    format: F;
    missing: string;
    note?: (text: string) => void;
  },
): Study<F> {
  try {
    return openStudy(path, format, { onWait: note });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(missing, { cause: error });
  }
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
  return openBegun(path, {
    format: SWEEP_FORMAT,
    missing:
      `Cannot open the study ${name}: a sweep must have begun it: there is no ${path}; run \`deno task sweep --study ${name}\``,
    note,
  });
}

/** Opens the search called `name`, which must have been begun, as `openNamedStudy` a study. */
export function openNamedSearch(
  name: string,
  note?: (text: string) => void,
): SearchStudy {
  const path = searchPath(name);
  return openBegun(path, {
    format: SEARCH_FORMAT,
    missing:
      `Cannot open the search ${name}: it must have been begun: there is no ${path}; run \`deno task search --study ${name}\``,
    note,
  });
}

/** How the study called `name` trains its students. */
export function readStoredTraining(name: string): StudySetting["training"] {
  using study = openNamedStudy(name);
  return readStudySetting(study).training;
}

function isTraining(value: unknown): value is SearchTraining {
  return isRecord(value) && isRecord(value.pool) && isRecord(value.epochs);
}

/** How the search called `name` trains its students. */
export function readStoredSearch(name: string): SearchTraining {
  using study = openNamedSearch(name);
  const setting = study.readSetting("setting");
  if (isRecord(setting) && isTraining(setting.training)) {
    return setting.training;
  }
  throw new SyntaxError(
    `Cannot use the study ${study.path}: it must say how its trials are made: it does not`,
  );
}

/** How the search called `name` was begun to evolve; `undefined` of a grid. */
export function readStoredEvolution(name: string): EvolutionSpec | undefined {
  using study = openNamedSearch(name);
  return readEvolution(study);
}

/** Trials of the study of the kind `format` at `path`; none where none has begun. */
function listStored<F extends StudyFormat>(
  path: string,
  format: F,
): TrialRow<F>[] {
  try {
    using study = openStudy(path, format);
    return study.list();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Trials of the search called `name`; none where none has begun. */
export function listStoredCandidates(name: string): SearchTrial[] {
  return listStored(searchPath(name), SEARCH_FORMAT);
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
  const trials = listStored(studyPath(name), SWEEP_FORMAT);
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
