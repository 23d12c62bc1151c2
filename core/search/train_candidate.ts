import type { Examples } from "../data/dataset.ts";
import type { BackendChoice } from "../device/select_backend.ts";
import { checkpointPath } from "../study/checkpoints.ts";
import {
  runInThreads,
  type Runner,
  type RunnerContext,
} from "../study/runner.ts";
import type { LabelledImages } from "../train/evaluate_model.ts";
import { formatLoss } from "../train/losses/losses.ts";
import { type Candidate, recipeKey } from "./candidate.ts";
import type { SearchTraining } from "./search_training.ts";
import type { SearchEpoch, SearchStudy } from "./search_trials.ts";

/** Where the state of a candidate's training is kept while it is unfinished. */
export interface CandidateFiles {
  /** Of the part with weights held to their bits. */
  checkpoint: string;
  /** Of the part before, which candidates of other bits and penalties share. */
  floatCheckpoint: string;
}

/** Same text for candidates whose first parts are the same training. */
export function floatKey({ layers, loss, seed }: Candidate): string {
  return JSON.stringify([layers, formatLoss(loss), seed]);
}

/** The files of `candidate`. */
export async function candidateFiles(
  study: SearchStudy,
  candidate: Candidate,
): Promise<CandidateFiles> {
  return {
    checkpoint: await checkpointPath(study, [
      recipeKey(candidate),
      candidate.seed,
    ]),
    floatCheckpoint: await checkpointPath(study, [
      "float",
      floatKey(candidate),
    ]),
  };
}

/** What the training of one candidate needs: plain data. */
export interface CandidateTask {
  /** What it is. */
  candidate: Candidate;
  /** Files to keep its state in while unfinished, and to go on from. */
  files: CandidateFiles;
}

/** What is told of the training of a candidate. */
export type CandidateEvent =
  | {
    kind: "progress";
    /** The share that is done, 0 to 1. */
    done: number;
  }
  | {
    kind: "epochs";
    /**
     * After each epoch that one, and those that its files hold before it goes on from
     * them: a kill may have come before they were kept.
     */
    epochs: SearchEpoch[];
  };

/** What the training of one candidate is told, and tells. */
export type CandidateContext = RunnerContext<CandidateEvent>;

/** A candidate that has been trained to its end. */
export interface TrainedCandidate {
  /** Its `.dram` file. */
  dram: Uint8Array<ArrayBuffer>;
  /** Share of validation images that the file gets right. */
  validation: number;
  /** Share of test images that the file gets right, read this once. */
  test: number;
  /** Time that it took. */
  seconds: number;
}

/** Trains one candidate to its end. */
export type TrainCandidate = Runner<
  CandidateTask,
  CandidateEvent,
  TrainedCandidate
>;

/** What all candidates of a search are trained from. */
export interface CandidateSource {
  /** What the classes are called. */
  labels: string[];
  /** Images to learn from, in shared memory, with the teacher's logits. */
  pool: LabelledImages;
  /** Images to choose by, with the teacher's logits. */
  validation: LabelledImages;
  /** Images to report on, read once when a candidate is finished. */
  test: Examples;
  /** What candidates have in common. */
  training: SearchTraining;
}

/** What candidates are trained from, and where. */
export interface CompactTrainerOptions extends Omit<CandidateSource, "labels"> {
  /** What each class is called, in the order of labels. */
  classNames: readonly string[];
  /** Backend that each worker selects. */
  backend: BackendChoice;
  /** Told in a sentence why a checkpoint is not gone on from. */
  onNote?: (note: string) => void;
}

/**
 * Trains each candidate in a worker of its own: `trainCompact`, then the file, and
 * what that scores when it is read back. It throws what `trainCompact` and
 * `parseLayers` throw.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { makeBars } from "../../tests/core/bars.ts";
 * import { SEARCH_TRAINING } from "./search_training.ts";
 * import { compactTrainer } from "./train_candidate.ts";
 *
 * const { train, validation, test, classNames } = makeBars();
 * const trainCandidate = compactTrainer({
 *   pool: { examples: train },
 *   validation: { examples: validation },
 *   ...{ test, classNames, backend: "wasm" },
 *   training: {
 *     ...SEARCH_TRAINING,
 *     ...{ epochs: { float: 1, quantised: 1 }, examplesPerEpoch: 96, batchSize: 16 },
 *   },
 * });
 * const folder = await Deno.makeTempDir();
 * const { dram } = await trainCandidate({
 *   candidate: {
 *     ...{ layers: "conv3x4,mean", bits: 3, ratePenalty: 0, seed: 1 },
 *     loss: { kind: "cross-entropy" },
 *   },
 *   files: { checkpoint: `${folder}/a`, floatCheckpoint: `${folder}/b` },
 * }, { signal: new AbortController().signal, onEvent: () => {} });
 * assert(dram.length < 100);
 * ```
 */
export function compactTrainer(
  { classNames, backend, onNote, ...source }: CompactTrainerOptions,
): TrainCandidate {
  const labels = [...classNames];
  return runInThreads<
    CandidateSource,
    CandidateTask,
    CandidateEvent,
    TrainedCandidate
  >(new URL("./candidate_worker.ts", import.meta.url), {
    shared: { labels, ...source },
    backend,
    onNote,
  });
}
