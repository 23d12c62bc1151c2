import type { TrainingSpec } from "../../train/train.ts";
import type { ImportanceKind } from "../prune/channel_importance.ts";
import type { PruningScope } from "../prune/magnitude_masks.ts";
import type { SparsitySchedule } from "../prune/sparsity_schedule.ts";

/** How a stage retrains; the seed is the pipeline's. */
export type Retraining = Omit<TrainingSpec, "seed">;

/** Folds and removes what is constant on all training images; no retraining. */
export interface ExactStage {
  /** What tells it from other stages. */
  kind: "exact";
}

/** Trains the model as it is, its masks kept. */
export interface TuneStage {
  /** What tells it from other stages. */
  kind: "tune";
  /** How long, and at which rate. */
  training: Retraining;
}

/** Removes filters and units in rounds, with retraining after each. */
export interface ThinStage {
  /** What tells it from other stages. */
  kind: "thin";
  /** Filters or units that layers, by name, are to have in the end. */
  widths: Record<string, number>;
  /** By what they are judged. */
  importance: ImportanceKind;
  /** Rounds in which widths shrink, each by the same factor. */
  rounds: number;
  /** Retraining after each round. */
  training: Retraining;
}

/** Prunes single weights in rounds, with retraining after each. */
export interface PruneStage {
  /** What tells it from other stages. */
  kind: "prune";
  /** Which weights compete. */
  scope: PruningScope;
  /** Sparsity after each round; or one a kernel, in every round, with scope `layer`. */
  schedule: SparsitySchedule | number[];
  /** How many times it prunes. */
  rounds: number;
  /** Retraining after each round but the last. */
  training: Retraining;
  /** Retraining after the last. */
  last: Retraining;
}

/** Lets the weights of each tensor share the entries of a codebook. */
export interface ShareStage {
  /** What tells it from other stages. */
  kind: "share";
  /** Entries of each kernel's codebook, the 0 of pruned weights included; one for all, or one a kernel. */
  sizes: number | number[];
  /** Bits of biases, quantised uniformly. */
  biasBits: number;
  /** Trains the codebooks. */
  training: Retraining;
}

/**
 * Bits of kernels: one number for all, one a kernel, or as many each as do least harm
 * while their levels' entropy fits a budget of bytes.
 */
export type KernelBits = number | number[] | { budget: number };

/** Quantises uniformly, trained straight-through. */
export interface QuantiseStage {
  /** What tells it from other stages. */
  kind: "quantise";
  /** Bits of kernels. */
  bits: KernelBits;
  /** Bits of biases. */
  biasBits: number;
  /** Whether each output channel has a step size of its own. */
  perChannel: boolean;
  /** Whether step sizes are powers of two. */
  powerOfTwo: boolean;
  /** Weight in the loss of the bits that levels take; 0 unless given. */
  ratePenalty?: number;
  /** Trains weights and step sizes. */
  training: Retraining;
}

/** One step of a compression, as plain data. */
export type Stage =
  | ExactStage
  | TuneStage
  | ThinStage
  | PruneStage
  | ShareStage
  | QuantiseStage;
