import type { FrontierPoint, StudentGroup } from "./result.ts";

/** Accuracies that s(f) is given for unless told otherwise. */
export const DEFAULT_ACCURACIES: readonly number[] = [
  0.9,
  0.95,
  0.96,
  0.97,
  0.975,
  0.98,
  0.985,
  0.99,
];

/** Far below one image in any validation set: what a mean over seeds may lose. */
const ROUNDING = 1e-9;

/** Throws a `RangeError` unless `accuracy` is a share above 0 and below 1. */
export function checkAccuracy(accuracy: number): void {
  if (!(accuracy > 0 && accuracy < 1)) {
    throw new RangeError(
      `Cannot find the smallest model: the accuracy must be > 0 and < 1: current value is ${accuracy}`,
    );
  }
}

/** The best by validation first. */
function byValidation(a: StudentGroup, b: StudentGroup): number {
  return b.validation.mean - a.validation.mean;
}

/**
 * s(f) = the smallest size whose mean validation accuracy is ≥ f, for each f of
 * `accuracies` that some group reaches, from the lowest. Among groups of that
 * size the one that is best on validation is named; its test accuracy is
 * reported and decides nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findFrontier } from "./frontier.ts";
 *
 * const group = (hidden: number, mean: number) => ({
 *   hidden, dropout: 0.2, loss: "logit-mse", parameters: hidden, bytes: 4 * hidden,
 *   compression: 1, seeds: [1], validation: { mean, low: mean, high: mean },
 *   test: { mean, low: mean, high: mean },
 * });
 * const [point] = findFrontier([group(4, 0.94), group(6, 0.96), group(8, 0.97)], [0.95, 0.99]);
 * assertEquals([point.accuracy, point.hidden], [0.95, 6]);
 * ```
 */
export function findFrontier(
  groups: StudentGroup[],
  accuracies: readonly number[] = DEFAULT_ACCURACIES,
): FrontierPoint[] {
  accuracies.forEach(checkAccuracy);
  return accuracies.toSorted((a, b) => a - b).flatMap((accuracy) => {
    const reaching = groups.filter((group) =>
      group.validation.mean >= accuracy - ROUNDING
    );
    const size = Math.min(...reaching.map(({ parameters }) => parameters));
    const [best] = reaching.filter(({ parameters }) => parameters === size)
      .toSorted(byValidation);
    if (!best) return [];
    const { seeds: _, ...point } = best;
    return [{ accuracy, ...point }];
  });
}
