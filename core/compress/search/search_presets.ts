import type { CandidateSpace } from "./search_space.ts";

/** What `search` tries unless told otherwise. */
export const DEFAULT_CANDIDATES: CandidateSpace = {
  layers: [
    "pool2,conv3x4,max2,conv3x6,mean",
    "pool2,conv3x6,max2,conv3x8,mean",
    "pool2,conv3x8,max2,conv3x12,mean",
    "pool2,conv3x6,max2,conv3x8,max2",
    "conv3x6/2:same,conv3x8/2:same,conv3x12,mean",
    "conv3x8/2:same,conv3x12/2:same,conv3x12,mean",
  ],
  bits: [3, 4],
  ratePenalty: [0],
  losses: [{ kind: "distillation", temperature: 3, alpha: 0.9 }],
  seeds: [1, 2, 3],
};

/** A first look in some minutes. */
export const QUICK_CANDIDATES: CandidateSpace = {
  layers: [
    "pool2,conv3x4,max2,conv3x6,mean",
    "pool2,conv3x6,max2,conv3x8,max2",
  ],
  bits: [4],
  ratePenalty: [0],
  losses: [{ kind: "distillation", temperature: 3, alpha: 0.9 }],
  seeds: [1],
};
