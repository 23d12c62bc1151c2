import type { LossSpec } from "../train/losses.ts";

/** What makes a student of a sweep different from the others. */
export interface StudentConfig {
  /** Units of the hidden layer. */
  hidden: number;
  /** Dropout rate on the features. */
  dropout: number;
  loss: LossSpec;
  /** Decides weights, order and dropout. */
  seed: number;
}

/** Name of a loss in tables, files and JSON. */
export function lossName(loss: LossSpec): string {
  return loss.kind === "distillation"
    ? `distillation(T=${loss.temperature},alpha=${loss.alpha})`
    : loss.kind;
}
