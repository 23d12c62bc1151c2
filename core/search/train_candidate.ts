import type { CandidateFiles } from "./candidate_files.ts";
import type { Candidate } from "./candidate.ts";
import type { SearchEpoch } from "./search_trials.ts";

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

/** What the training of one candidate is told, and tells. */
export interface CandidateContext {
  /** Files to keep its state in while unfinished, and to go on from. */
  files: CandidateFiles;
  /** When aborted, it saves where it stands, and throws the reason. */
  signal: AbortSignal;
  /**
   * To be called after each epoch with that, and with those that its files hold before it
   * goes on from them: a kill may have come before they were kept.
   */
  onEpochs: (epochs: SearchEpoch[]) => void;
  /** To be called now and then with the share that is done, 0 to 1. */
  onProgress: (done: number) => void;
}

/** Trains one candidate to its end. */
export type TrainCandidate = (
  candidate: Candidate,
  context: CandidateContext,
) => Promise<TrainedCandidate>;
