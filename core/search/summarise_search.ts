import { readContext } from "../study/context.ts";
import { cleanText } from "../text/clean_text.ts";
import { nameLoss } from "../train/losses/losses.ts";
import { findByteFrontier, groupRecipes } from "./byte_frontier.ts";
import { readEvolution } from "./evolution.ts";
import type {
  CompactResult,
  RecipeResult,
  SearchResult,
  UnfinishedResult,
} from "./search_result.ts";
import {
  type FinishedSearchTrial,
  listFinishedSearchTrials,
  listSearchTrials,
  type SearchStudy,
  type SearchTrial,
} from "./search_trials.ts";

function describeRecipe(
  { layers, bits, ratePenalty, loss, parameters }: SearchTrial,
): RecipeResult {
  return {
    layers: cleanText(layers, { length: 400 }),
    bits,
    ratePenalty,
    loss: nameLoss(loss),
    parameters,
  };
}

function describeTrial(
  trial: FinishedSearchTrial,
  teacherBytes: number,
): CompactResult {
  const { id, seed, bytes, validation, test, seconds } = trial;
  return {
    trial: id,
    ...describeRecipe(trial),
    seed,
    bytes,
    compression: teacherBytes / bytes,
    accuracy: { validation, test },
    seconds,
  };
}

function listUnfinished(trials: SearchTrial[]): UnfinishedResult[] {
  return trials.flatMap((trial): UnfinishedResult[] => {
    const { seed, state } = trial;
    const reason = cleanText(trial.error);
    if (state !== "stopped" && state !== "failed") return [];
    return [{ ...describeRecipe(trial), seed, state, reason }];
  });
}

/** Why a search has no finished trial, and what to do about it. */
function describeNone(unfinished: UnfinishedResult[]): string {
  return unfinished.length === 0
    ? "none is; run `deno task search`"
    : `${unfinished.length} ended before, the first with "${
      unfinished[0].reason
    }"; run \`deno task search\` otherwise, or with --retry-failed`;
}

/**
 * Everything that is reported of a search: its files, recipes with intervals over
 * seeds, s(f) in file bytes, what was stopped and what failed.
 *
 * Reads the study alone. `accuracies`, each a share above 0 and below 1, are what
 * s(f) is given for. Throws an `Error` where no trial is done, and a `RangeError`
 * for an accuracy out of range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fakeSearch, fakeTrainer } from "../../tests/core/search/fake_search.ts";
 * import { openStudy } from "../study/study.ts";
 * import { search } from "./search.ts";
 * import { SEARCH_FORMAT } from "../study/study_format.ts";
 * import { summariseSearch } from "./summarise_search.ts";
 *
 * const path = `${await Deno.makeTempDir()}/search.db`;
 * await search(fakeSearch(path, fakeTrainer()));
 * using study = openStudy(path, SEARCH_FORMAT);
 * const [point] = summariseSearch(study, [0.9]).frontier;
 * assertEquals([point.file.layers, point.file.bytes], ["dense4", 77]);
 * ```
 */
export function summariseSearch(
  study: SearchStudy,
  accuracies?: readonly number[],
): SearchResult {
  const context = readContext(study);
  const finished = listFinishedSearchTrials(study);
  const unfinished = listUnfinished(listSearchTrials(study));
  if (!context || finished.length === 0) {
    throw new Error(
      `Cannot report on ${study.path}: at least one of its trials must be done: ${
        describeNone(unfinished)
      }`,
    );
  }
  const { study: name, dataset, backend, teacher, seconds } = context;
  const trials = finished
    .map((trial) => describeTrial(trial, teacher.bytes))
    .toSorted((a, b) => a.bytes - b.bytes);
  const recipes = groupRecipes(trials, unfinished);
  const evolution = readEvolution(study);
  return {
    study: name,
    ...evolution && {
      evolution: {
        seed: evolution.seed,
        trials: evolution.trials,
        founders: evolution.founders.length,
      },
    },
    dataset,
    backend,
    teacher,
    trials,
    recipes,
    unfinished,
    frontier: findByteFrontier(trials, recipes, accuracies),
    seconds,
  };
}
