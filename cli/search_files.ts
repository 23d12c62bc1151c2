import { SEARCH_FORMAT } from "../core/search/search_format.ts";
import type { SearchTraining } from "../core/search/search_training.ts";
import {
  listSearchTrials,
  type SearchTrial,
} from "../core/search/search_trials.ts";
import { isRecord } from "../core/files/json.ts";
import { openStudy, readSetting, type Study } from "../core/sweep/study.ts";
import type { OptionTable } from "./option.ts";
import { studyFolder } from "./study_files.ts";

/** The search that commands use unless told otherwise. */
export const DEFAULT_SEARCH = "compact";

/** Options of every command that works on a search. */
export const SEARCH_STUDY_OPTIONS = {
  study: {
    kind: "string",
    placeholder: "NAME",
    usual: `"${DEFAULT_SEARCH}"`,
    help: "name of the study: of its folder under studies/",
  },
} as const satisfies OptionTable;

/** The file that holds the search called `name`. */
export function searchPath(name: string): string {
  return `${studyFolder(name)}/search.db`;
}

/** Opens the search called `name`, which must have been begun, as `openNamedStudy` a study. */
export function openNamedSearch(
  name: string,
  note?: (text: string) => void,
): Study {
  const path = searchPath(name);
  try {
    return openStudy(path, SEARCH_FORMAT, { onWait: note });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      `Cannot open the search ${name}: it must have been begun: there is no ${path}; run \`deno task search --study ${name}\``,
      { cause: error },
    );
  }
}

/** Trials of the search called `name`; none where none has begun. */
export function listStoredTrials(name: string): SearchTrial[] {
  try {
    using study = openStudy(searchPath(name), SEARCH_FORMAT);
    return listSearchTrials(study);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function isTraining(value: unknown): value is SearchTraining {
  return isRecord(value) && isRecord(value.pool) && isRecord(value.epochs);
}

/** How the search called `name` trains its students. */
export function readStoredSearch(name: string): SearchTraining {
  using study = openNamedSearch(name);
  const setting = readSetting(study, "setting");
  if (isRecord(setting) && isTraining(setting.training)) {
    return setting.training;
  }
  throw new SyntaxError(
    `Cannot use the study ${study.path}: it must say how its trials are made: it does not`,
  );
}
