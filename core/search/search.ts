import { countParameters } from "../models/cost.ts";
import { parseLayers } from "../models/parse_layers.ts";
import { replanDamaged } from "../sweep/check_record.ts";
import { explainSqliteError } from "../sweep/explain_sqlite_error.ts";
import { type ContextSource, keepContext } from "../sweep/keep_context.ts";
import {
  ensureStudy,
  lockStudy,
  replanFailed,
  type Study,
} from "../sweep/study.ts";
import type { Candidate } from "./candidate.ts";
import { estimateBytes } from "./estimate_bytes.ts";
import {
  planCandidates,
  replanStopped,
  type SizedCandidate,
} from "./record_trials.ts";
import { runSearch, type RunSearchOptions } from "./run_search.ts";
import { SEARCH_FORMAT } from "./search_format.ts";
import type { SearchResult } from "./search_result.ts";
import { configurationOf, type SearchTraining } from "./search_training.ts";
import { summariseSearch } from "./summarise_search.ts";

/** What a search works with, and how. */
export interface SearchOptions extends RunSearchOptions, ContextSource {
  /** File of the study; begun if there is none. */
  path: string;
  /** Students to try, beside those that the study has planned already. */
  candidates: Candidate[];
  /** What their training has in common; another one needs another study. */
  training: SearchTraining;
  /** Told, in words, where another program holds the study and is waited for. */
  onWait?: (message: string) => void;
  /** Whether to try again what failed. */
  retryFailed?: boolean;
}

/** What candidates of one round have in common: all but their layers. */
function roundOf({ bits, ratePenalty, loss, seed }: Candidate): string {
  return JSON.stringify([seed, loss, ratePenalty, bits]);
}

/**
 * `candidates` with their sizes: seed by seed, and of each seed all layers with the
 * first bits and penalty before the next, the smallest first: those of other bits
 * go on from the same float weights, which are there by then.
 */
export function sizeCandidates(
  candidates: readonly Candidate[],
  { dataset, training }: Pick<SearchOptions, "dataset" | "training">,
): SizedCandidate[] {
  const { shape: input, classes } = dataset;
  const rounds = [...new Set(candidates.map(roundOf))];
  return candidates.map((candidate) => {
    const spec = parseLayers(candidate.layers, { input, classes });
    const { bits } = configurationOf(candidate, training);
    return {
      ...candidate,
      parameters: countParameters(spec),
      estimatedBytes: estimateBytes(spec, bits),
    };
  }).toSorted((a, b) =>
    rounds.indexOf(roundOf(a)) - rounds.indexOf(roundOf(b)) ||
    a.estimatedBytes - b.estimatedBytes
  );
}

/**
 * Trains every candidate that the study in `path` lacks, some at a time, and
 * reports on all that it holds. What is done is never trained again; a kill at any
 * moment loses at most what came after the last checkpoints. Small ones come
 * first, so that larger ones which are no better can be stopped early, as
 * `stopping` says; without it, those that were stopped before are trained too.
 *
 * Every choice is made on validation images; a finished file is scored once on
 * the test images, to report.
 *
 * Throws a `SyntaxError` where the file is no search; an `Error` where it was
 * begun with another teacher, dataset or training, another process is running it,
 * or no trial is done in the end; and the signal's reason when that is aborted. A
 * trial that fails is recorded, and the rest go on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fakeSearch, fakeTrainer } from "../../tests/core/search/fake_search.ts";
 * import { search } from "./search.ts";
 *
 * const path = `${await Deno.makeTempDir()}/search.db`;
 * const { trials, recipes } = await search(fakeSearch(path, fakeTrainer()));
 * assertEquals(trials.length, 6); // three recipes of two seeds
 * assertEquals(recipes.map(({ layers }) => layers), ["dense2", "dense4", "dense8"]);
 * ```
 */
export async function search(options: SearchOptions): Promise<SearchResult> {
  const { path, teacher, dataset, training } = options;
  const { name, sha256, split } = dataset;
  using _lock = await lockStudy(path);
  using study = ensureStudy(path, {
    teacher: teacher.sha256,
    dataset: { name, sha256, split },
    training,
  }, { format: SEARCH_FORMAT, onWait: options.onWait });
  try {
    return await completeSearch(study, options);
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}

async function completeSearch(
  study: Study,
  options: SearchOptions,
): Promise<SearchResult> {
  planCandidates(study, sizeCandidates(options.candidates, options));
  replanDamaged(study, options);
  if (options.retryFailed) replanFailed(study);
  if (!options.stopping) replanStopped(study);
  await keepContext(study, options, () => runSearch(study, options));
  return summariseSearch(study);
}
