import type { Study } from "../study/study.ts";
import type { SearchFormat } from "../study/study_format.ts";
import type { Score } from "../train/learner.ts";
import type { Candidate } from "./candidate.ts";

/** The study of a search. */
export type SearchStudy = Study<SearchFormat>;

/** A candidate of a search, as its study keeps it. */
export interface SearchTrial extends Candidate {
  /** Its number in the study, from 1. */
  id: number;
  /** Trainable numbers. */
  parameters: number;
  /** Bytes of its file, roughly, before any is written. */
  estimatedBytes: number;
  /** Whether it is still to be trained, is, was, was not worth it, or could not be. */
  state: "planned" | "training" | "done" | "stopped" | "failed";
  /** Why it was stopped or failed; empty otherwise. */
  error: string;
}

/** One epoch of a candidate. */
export interface SearchEpoch {
  /** Its number, from 1, through both phases. */
  epoch: number;
  /** Whether weights are free, or already what a file can hold. */
  phase: "float" | "quantised";
  /** On the images learnt from, augmented. */
  training: Score;
  /** On the validation images, after the epoch. */
  validation: Score;
}

/** A candidate that is done, with what it measured. */
export interface FinishedSearchTrial extends SearchTrial {
  /** Length of its file. */
  bytes: number;
  /** Time that it took. */
  seconds: number;
  /** Share of validation images that its file gets right. */
  validation: number;
  /** Share of test images that its file gets right. */
  test: number;
}

/**
 * All trials of the search, in the order in which they were planned.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fakeSearch, fakeTrainer } from "../../tests/core/search/fake_search.ts";
 * import { openStudy } from "../study/study.ts";
 * import { search } from "./search.ts";
 * import { SEARCH_FORMAT } from "../study/study_format.ts";
 * import { listSearchTrials } from "./search_trials.ts";
 *
 * const path = `${await Deno.makeTempDir()}/search.db`;
 * await search(fakeSearch(path, fakeTrainer()));
 * using study = openStudy(path, SEARCH_FORMAT);
 * assertEquals(listSearchTrials(study).map(({ layers, seed, state }) => [layers, seed, state])[0], ["dense2", 1, "done"]);
 * ```
 */
export function listSearchTrials(study: SearchStudy): SearchTrial[] {
  return study.list();
}

/**
 * The trials that are done, in that order, with what they measured.
 *
 * Throws a `SyntaxError` where one isn't what was recorded.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fakeSearch, fakeTrainer } from "../../tests/core/search/fake_search.ts";
 * import { openStudy } from "../study/study.ts";
 * import { search } from "./search.ts";
 * import { SEARCH_FORMAT } from "../study/study_format.ts";
 * import { listFinishedSearchTrials } from "./search_trials.ts";
 *
 * const path = `${await Deno.makeTempDir()}/search.db`;
 * await search(fakeSearch(path, fakeTrainer()));
 * using study = openStudy(path, SEARCH_FORMAT);
 * assertEquals(listFinishedSearchTrials(study).length, 6); // three recipes of two seeds
 * ```
 */
export function listFinishedSearchTrials(
  study: SearchStudy,
): FinishedSearchTrial[] {
  return study.listFinished().map((
    { modelBytes: bytes, validationAccuracy, testAccuracy, ...trial },
  ) => ({
    ...trial,
    bytes,
    validation: validationAccuracy,
    test: testAccuracy,
  }));
}

/**
 * The epochs that the trial numbered `id` has told of, in order.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fakeSearch, fakeTrainer } from "../../tests/core/search/fake_search.ts";
 * import { openStudy } from "../study/study.ts";
 * import { search } from "./search.ts";
 * import { SEARCH_FORMAT } from "../study/study_format.ts";
 * import { listSearchEpochs } from "./search_trials.ts";
 *
 * const path = `${await Deno.makeTempDir()}/search.db`;
 * await search(fakeSearch(path, fakeTrainer()));
 * using study = openStudy(path, SEARCH_FORMAT);
 * const phases = listSearchEpochs(study, 1).map(({ phase }) => phase);
 * assertEquals(phases, ["float", "float", "quantised", "quantised"]);
 * ```
 */
export function listSearchEpochs(
  study: SearchStudy,
  id: number,
): SearchEpoch[] {
  return study.listEpochs(id);
}

/**
 * The `.dram` file of a trial that is done.
 *
 * Throws an `Error` where it isn't, a `SyntaxError` where it isn't what was recorded.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fakeSearch, fakeTrainer } from "../../tests/core/search/fake_search.ts";
 * import { openStudy } from "../study/study.ts";
 * import { search } from "./search.ts";
 * import { SEARCH_FORMAT } from "../study/study_format.ts";
 * import { listFinishedSearchTrials, readTrialFile } from "./search_trials.ts";
 *
 * const path = `${await Deno.makeTempDir()}/search.db`;
 * await search(fakeSearch(path, fakeTrainer()));
 * using study = openStudy(path, SEARCH_FORMAT);
 * const [trial] = listFinishedSearchTrials(study);
 * assertEquals(readTrialFile(study, trial).length, trial.bytes);
 * ```
 */
export function readTrialFile(
  study: SearchStudy,
  trial: Pick<SearchTrial, "id" | "state">,
): Uint8Array<ArrayBuffer> {
  return study.readModel(trial);
}
