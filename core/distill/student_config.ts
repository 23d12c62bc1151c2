import type { LossSpec } from "../train/losses/losses.ts";

/** What makes a student of a sweep different from the others. */
export interface StudentConfig {
  /** Units of the hidden layer. */
  hidden: number;
  /** Dropout rate on the features. */
  dropout: number;
  /** What it learns by. */
  loss: LossSpec;
  /** Decides weights, order and dropout. */
  seed: number;
}
