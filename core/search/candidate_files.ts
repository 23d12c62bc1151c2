import { sha256Hex } from "../data/idx_file.ts";
import { formatLoss } from "../train/losses/losses.ts";
import type { Study } from "../sweep/study.ts";
import { CHECKPOINT_VERSION } from "../train/checkpoint.ts";
import { type Candidate, recipeKey } from "./candidate.ts";

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

/** The files of `candidate`. Another version's have other names: they can't be gone on from. */
export async function candidateFiles(
  study: Study,
  candidate: Candidate,
): Promise<CandidateFiles> {
  const nameOf = async (...identity: (string | number)[]) => {
    const text = JSON.stringify([CHECKPOINT_VERSION, ...identity]);
    const hash = await sha256Hex(new TextEncoder().encode(text));
    return `${study.path}.${hash.slice(0, 16)}.checkpoint`;
  };
  return {
    checkpoint: await nameOf(recipeKey(candidate), candidate.seed),
    floatCheckpoint: await nameOf("float", floatKey(candidate)),
  };
}
