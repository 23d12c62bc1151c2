import type { StudyOrigin } from "../study/context.ts";
import type { Accuracy, Estimate } from "../study/estimate.ts";

/** What a compact student is, but for its seed, in results. */
export interface RecipeResult {
  /** Its layers, as text. */
  layers: string;
  /** Bits of each weight. */
  bits: number;
  /** λ of the penalty on the coded size. */
  ratePenalty: number;
  /** Name of the loss: `logit-mse`, `cross-entropy` (labels only), … */
  loss: string;
  /** Trainable numbers. */
  parameters: number;
}

/** One finished compact student. */
export interface CompactResult extends RecipeResult {
  /** Its number in the study. */
  trial: number;
  /** Seed of its weights, order and augmentation. */
  seed: number;
  /** Length of its `.dram` file, which is everything. */
  bytes: number;
  /** The teacher's float32 bytes over these. */
  compression: number;
  /** Of the file, read back. */
  accuracy: Accuracy;
  /** Time that it took. */
  seconds: number;
}

/** The finished seeds of a recipe, none of whose seeds was stopped or failed. */
export interface RecipeGroup extends RecipeResult {
  /** One a student. */
  seeds: number[];
  /** Lengths of their files. */
  bytes: Estimate;
  /** Accuracy on validation images, over the seeds. */
  validation: Estimate;
  /** Accuracy on test images, over the seeds. */
  test: Estimate;
}

/** s(f) in file bytes, for one accuracy. */
export interface ByteFrontierPoint {
  /** The accuracy asked for, f. */
  accuracy: number;
  /** The smallest file whose own validation accuracy reaches f. */
  file: CompactResult;
  /** The smallest recipe whose mean over seeds does; null where none does. */
  recipe: RecipeGroup | null;
}

/** A trial that was not trained to its end. */
export interface UnfinishedResult extends RecipeResult {
  /** Seed of its weights, order and augmentation. */
  seed: number;
  /** Whether it wasn't worth it, or could not be trained. */
  state: "stopped" | "failed";
  /** Why. */
  reason: string;
}

/** What `search --json` prints. */
export interface SearchResult extends StudyOrigin {
  /** Where students are bred from one another: what that was asked for. */
  evolution?: {
    /** What every draw derives from. */
    seed: number;
    /** Trials in all. */
    trials: number;
    /** How many recipes it began with. */
    founders: number;
  };
  /** Every finished compact student, from the smallest file. */
  trials: CompactResult[];
  /** Recipes whose every seed is finished, from the smallest. */
  recipes: RecipeGroup[];
  /** Trials stopped early, and trials that failed. */
  unfinished: UnfinishedResult[];
  /** For each accuracy that some file reaches, from the lowest. */
  frontier: ByteFrontierPoint[];
  /** Time spent on the study, pools included. */
  seconds: number;
}
