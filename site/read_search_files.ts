import { nameLoss } from "../core/train/losses/losses.ts";
import {
  listFinishedSearchTrials,
  readTrialFile,
} from "../core/search/search_trials.ts";

import type { SearchStudy } from "../core/search/search_trials.ts";
import type { ModelFile } from "./model_file.ts";

/** A file of a search. */
export interface SearchFile extends ModelFile {
  /** Its number in the search. */
  trial: number;
}

/**
 * Every file that the search in `study` has finished, as `search-TRIAL`: some
 * hundred bytes each.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fakeSearch, fakeTrainer } from "../tests/core/search/fake_search.ts";
 * import { search } from "../core/search/search.ts";
 * import { SEARCH_FORMAT } from "../core/study/study_format.ts";
 * import { openStudy } from "../core/study/study.ts";
 * import { readSearchFiles } from "./read_search_files.ts";
 *
 * const path = `${await Deno.makeTempDir()}/search.db`;
 * await search(fakeSearch(path, fakeTrainer()));
 * using study = openStudy(path, SEARCH_FORMAT);
 * assertEquals(readSearchFiles(study)[0].name, "search-1");
 * ```
 */
export function readSearchFiles(study: SearchStudy): SearchFile[] {
  return listFinishedSearchTrials(study).map((trial) => {
    const { id, bits, loss, seed } = trial;
    return {
      name: `search-${id}`,
      family: "compact",
      title: `compact student of the search, weights of ${bits} bits`,
      hidden: null,
      loss: nameLoss(loss),
      seed,
      bytes: readTrialFile(study, trial),
      // The search scored it on a backend, whose rounding may move an image or two.
      expected: null,
      trial: id,
    };
  });
}
