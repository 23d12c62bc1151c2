import type { Score } from "../../train/learner.ts";

/** How a model does with one layer's kernel pruned, the others whole. */
export interface SparsityPoint extends Score {
  /** Which kernel: 0 for the first layer that has one. */
  layer: number;
  /** Share of its weights that are 0. */
  sparsity: number;
}

/** How a model does with one layer's kernel quantised, the others as float32. */
export interface BitsPoint extends Score {
  /** Which kernel: 0 for the first layer that has one. */
  layer: number;
  /** Bits of its levels. */
  bits: number;
  /** ⌈n·H / 8⌉ of its n levels, H their entropy in bits: what a good code makes of them. */
  bytes: number;
}

/** What each layer stands, one at a time, without retraining. */
export interface Sensitivity {
  /** Names of the layers that have kernels, in order. */
  layers: string[];
  /** The model as it is. */
  whole: Score;
  /** Images that all scores are of. */
  images: number;
  /** By layer, then sparsity. */
  sparsity: SparsityPoint[];
  /** By layer, then bits. */
  bits: BitsPoint[];
}
