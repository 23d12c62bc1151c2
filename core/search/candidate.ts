import { formatLoss, type LossSpec } from "../train/losses/losses.ts";

/** A compact student to try, as plain data: a recipe and a seed. */
export interface Candidate {
  /** Its layers, as the text that `parseLayers` reads. */
  layers: string;
  /** Bits of each weight from the middle of its training on. */
  bits: number;
  /** λ of the penalty on the coded size; 0 for none. */
  ratePenalty: number;
  /** What it learns by; cross-entropy is labels only, without a teacher. */
  loss: LossSpec;
  /** Decides weights, order and augmentation. */
  seed: number;
}

/** A candidate but for its seed. */
export type Recipe = Omit<Candidate, "seed">;

/** Same text for equal recipes, and for no others. */
export function recipeKey(
  { layers, bits, ratePenalty, loss }: Recipe,
): string {
  return JSON.stringify([layers, bits, ratePenalty, formatLoss(loss)]);
}
