import type { Classification } from "../../../core/infer/classification.ts";
import { showLabel } from "./show_label.ts";

/** One class and how probable the model finds it. */
export interface Candidate {
  /** Its name, fit to show. */
  label: string;
  /** From 0 to 1. */
  probability: number;
}

/** Most classes that are shown. */
export const MOST_SHOWN = 10;

/** What a model says of one drawing. */
export interface Answer {
  /** Every class in the model's order, or of more than ten the most probable, from the first. */
  candidates: Candidate[];
  /** How many classes there are. */
  classes: number;
  /** The most probable. */
  best: Candidate;
}

/**
 * What `classification` says of its first image, by classes of these `labels`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { classifyLogits } from "../../../core/infer/classification.ts";
 * import { makeAnswer } from "./answer.ts";
 *
 * const { best } = makeAnswer(classifyLogits(Float32Array.of(0, 0, 30), 3), ["a", "b", "c"]);
 * assertEquals(best, { label: "c", probability: 1 });
 * const letters = [..."abcdefghijklmnopqrstuvwxyz"];
 * const { candidates } = makeAnswer(classifyLogits(new Float32Array(26), 26), letters);
 * assertEquals(candidates.length, 10);
 * ```
 */
export function makeAnswer(
  { classes, probabilities }: Classification,
  labels: readonly string[],
): Answer {
  const places = [...labels.keys()];
  if (places.length > MOST_SHOWN) {
    places.sort((a, b) => probabilities[b] - probabilities[a]);
    places.splice(MOST_SHOWN);
  }
  const candidates = places.map((place) => ({
    label: showLabel(labels[place], place),
    probability: probabilities[place],
  }));
  const best = candidates[places.indexOf(classes[0])];
  return { candidates, classes: labels.length, best };
}
