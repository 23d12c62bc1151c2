import type { Answer } from "./answer.ts";
import { formatPercent } from "../format_percent.ts";

/**
 * `answer` in words, for those who hear the page.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeAnswer } from "./describe_answer.ts";
 *
 * assertEquals(describeAnswer({ candidates: [], classes: 10, best: { label: "3", probability: 0.984 } }), "3, probability 98%");
 * assertEquals(describeAnswer(null), "No prediction");
 * ```
 */
export function describeAnswer(answer: Answer | null): string {
  if (!answer) return "No prediction";
  const { label, probability } = answer.best;
  return `${label}, probability ${formatPercent(probability, 0)}`;
}
