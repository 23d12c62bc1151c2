import type { Classification } from "../../../core/infer/classification.ts";
import { showLabel } from "./show_label.ts";

/** One class and how probable the model finds it. */
export interface Candidate {
  /** Its name, fit to show. */
  label: string;
  /** From 0 to 1. */
  probability: number;
}

/** What a model says of one drawing. */
export interface Answer {
  /** Every class, in the model's order. */
  candidates: Candidate[];
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
 * ```
 */
export function makeAnswer(
  { classes, probabilities }: Classification,
  labels: readonly string[],
): Answer {
  const candidates = labels.map((label, place) => ({
    label: showLabel(label, place),
    probability: probabilities[place],
  }));
  return { candidates, best: candidates[classes[0]] };
}
