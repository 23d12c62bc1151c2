import type { Labels } from "./dataset.ts";

/** Chance does as well as a model less than once in a hundred times, where that has learnt. */
const UNLIKELY = 0.01;

/** P(X ≥ hits) of X hits among `count`, each with probability `share`; hits above the mean. */
function upperTail(hits: number, count: number, share: number): number {
  let logarithm = hits * Math.log(share) +
    (count - hits) * Math.log(1 - share);
  for (let i = 0; i < hits; i++) logarithm += Math.log((count - i) / (i + 1));
  let [term, sum] = [1, 1];
  for (let k = hits; k < count; k++) {
    term *= (count - k) / (k + 1) * share / (1 - share);
    sum += term;
  }
  return Math.exp(logarithm) * sum;
}

/**
 * The share of `labels` that whoever knows nothing but their counts gets right: the
 * largest class's, or 1/`classes` where that is more.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chanceOf } from "./chance.ts";
 *
 * assertEquals(chanceOf(Uint8Array.of(0, 1, 1, 1), 2), 0.75);
 * ```
 */
export function chanceOf(labels: Labels, classes: number): number {
  const counts = new Uint32Array(classes);
  for (const label of labels) counts[label]++;
  return Math.max(1 / classes, Math.max(...counts) / labels.length);
}

/**
 * Whether a share of `accuracy` of `labels` may be chance: P(X ≥ hits) ≥ 0.01 of
 * X ~ B(n, p), p being {@linkcode chanceOf}. Half the way from p to 1 is never taken
 * for chance: a few images prove nothing either way.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isNearChance } from "./chance.ts";
 *
 * const labels = Uint8Array.from({ length: 1000 }, (_, image) => image % 10);
 * assertEquals(isNearChance(0.12, { labels, classes: 10 }), true);
 * assertEquals(isNearChance(0.13, { labels, classes: 10 }), false);
 * ```
 */
export function isNearChance(
  accuracy: number,
  { labels, classes }: { labels: Labels; classes: number },
): boolean {
  const share = chanceOf(labels, classes);
  if (accuracy >= (1 + share) / 2) return false;
  const hits = Math.round(accuracy * labels.length);
  return hits <= share * labels.length ||
    upperTail(hits, labels.length, share) >= UNLIKELY;
}

/** What stands behind answers no better than chance, as a rule. */
export const CHANCE_CAUSES =
  "likely causes: pixels of another scale than it learnt (bytes are divided by 255, unless --pixels says otherwise), channels in another order, labels that count otherwise, or a model that has learnt nothing";
