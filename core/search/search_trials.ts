import type { SQLOutputValue } from "node:sqlite";
import { parseLoss } from "../train/losses/losses.ts";
import { checkRecord } from "../sweep/check_record.ts";
import type { Study } from "../sweep/study.ts";
import type { Score } from "../train/learner.ts";
import type { Candidate } from "./candidate.ts";

/** A candidate of a search, as its study keeps it. */
export interface SearchTrial extends Candidate {
  /** Its number in the study, from 1. */
  id: number;
  /** Trainable numbers. */
  parameters: number;
  /** Bytes of its file, roughly, before any is written. */
  estimatedBytes: number;
  /** Whether it is still to be trained, was, was not worth it, or could not be. */
  state: "planned" | "done" | "stopped" | "failed";
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

const COLUMNS = `id, layers, bits, rate_penalty, loss, seed, parameters,
  estimated_bytes, state, error`;

type Row = Record<string, SQLOutputValue>;

function parseState(value: SQLOutputValue): SearchTrial["state"] {
  if (value === "done" || value === "stopped" || value === "failed") {
    return value;
  }
  return "planned";
}

function parseTrial(row: Row, study: Study): SearchTrial {
  return {
    id: Number(row.id),
    layers: String(row.layers),
    bits: Number(row.bits),
    ratePenalty: Number(row.rate_penalty),
    loss: parseLoss(
      String(row.loss),
      `a trial's loss of the study ${study.path}`,
    ),
    seed: Number(row.seed),
    parameters: Number(row.parameters),
    estimatedBytes: Number(row.estimated_bytes),
    state: parseState(row.state),
    error: String(row.error ?? ""),
  };
}

/** A trial that is done; throws unless all of it is what was recorded. */
function parseFinished(row: Row, study: Study): SearchTrial {
  checkRecord(study, Number(row.id));
  return parseTrial(row, study);
}

/**
 * All trials of the search, in the order in which they were planned.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fakeSearch, fakeTrainer } from "../../tests/core/search/fake_search.ts";
 * import { openStudy } from "../sweep/study.ts";
 * import { search } from "./search.ts";
 * import { SEARCH_FORMAT } from "./search_format.ts";
 * import { listSearchTrials } from "./search_trials.ts";
 *
 * const path = `${await Deno.makeTempDir()}/search.db`;
 * await search(fakeSearch(path, fakeTrainer()));
 * using study = openStudy(path, SEARCH_FORMAT);
 * assertEquals(listSearchTrials(study).map(({ layers, seed, state }) => [layers, seed, state])[0], ["dense2", 1, "done"]);
 * ```
 */
export function listSearchTrials(study: Study): SearchTrial[] {
  return study.database
    .prepare(`SELECT ${COLUMNS} FROM trial ORDER BY id`)
    .all().map((row) => parseTrial(row, study));
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
 * import { openStudy } from "../sweep/study.ts";
 * import { search } from "./search.ts";
 * import { SEARCH_FORMAT } from "./search_format.ts";
 * import { listFinishedSearchTrials } from "./search_trials.ts";
 *
 * const path = `${await Deno.makeTempDir()}/search.db`;
 * await search(fakeSearch(path, fakeTrainer()));
 * using study = openStudy(path, SEARCH_FORMAT);
 * assertEquals(listFinishedSearchTrials(study).length, 6); // three recipes of two seeds
 * ```
 */
export function listFinishedSearchTrials(study: Study): FinishedSearchTrial[] {
  return study.database.prepare(
    `SELECT ${COLUMNS}, length(dram) AS bytes, seconds, validation_accuracy,
      test_accuracy
    FROM trial WHERE state = 'done' ORDER BY id`,
  ).all().map((row) => ({
    ...parseFinished(row, study),
    bytes: Number(row.bytes),
    seconds: Number(row.seconds),
    validation: Number(row.validation_accuracy),
    test: Number(row.test_accuracy),
  }));
}

/**
 * The epochs that the trial numbered `id` has told of, in order.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fakeSearch, fakeTrainer } from "../../tests/core/search/fake_search.ts";
 * import { openStudy } from "../sweep/study.ts";
 * import { search } from "./search.ts";
 * import { SEARCH_FORMAT } from "./search_format.ts";
 * import { listSearchEpochs } from "./search_trials.ts";
 *
 * const path = `${await Deno.makeTempDir()}/search.db`;
 * await search(fakeSearch(path, fakeTrainer()));
 * using study = openStudy(path, SEARCH_FORMAT);
 * const phases = listSearchEpochs(study, 1).map(({ phase }) => phase);
 * assertEquals(phases, ["float", "float", "quantised", "quantised"]);
 * ```
 */
export function listSearchEpochs(study: Study, id: number): SearchEpoch[] {
  return study.database
    .prepare("SELECT * FROM curve WHERE trial = ? ORDER BY epoch")
    .all(id)
    .map((row) => ({
      epoch: Number(row.epoch),
      phase: row.phase === "float" ? "float" : "quantised",
      training: {
        loss: Number(row.training_loss),
        accuracy: Number(row.training_accuracy),
      },
      validation: {
        loss: Number(row.validation_loss),
        accuracy: Number(row.validation_accuracy),
      },
    }));
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
 * import { openStudy } from "../sweep/study.ts";
 * import { search } from "./search.ts";
 * import { SEARCH_FORMAT } from "./search_format.ts";
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
  study: Study,
  { id, state }: Pick<SearchTrial, "id" | "state">,
): Uint8Array<ArrayBuffer> {
  checkRecord(study, id);
  const row = study.database
    .prepare("SELECT dram FROM trial WHERE id = ?").get(id);
  if (row?.dram instanceof Uint8Array) return new Uint8Array(row.dram);
  throw new Error(
    `Cannot export trial ${id}: it must be done: it is ${state}; run \`deno task search --resume\``,
  );
}
