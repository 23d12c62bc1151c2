import jstat from "npm:jstat@1.9.6";

const CONFIDENCE = 0.95;

/** A mean over seeds with its 95% interval; the bounds equal it for one seed. */
export interface Estimate {
  /** x̄. */
  mean: number;
  /** Lower bound of the interval. */
  low: number;
  /** Upper bound of the interval. */
  high: number;
}

/** A share on the images to choose by, and on those to report. */
export interface Accuracy {
  /** Share of validation images, 0 to 1. */
  validation: number;
  /** Share of test images, 0 to 1. */
  test: number;
}

/**
 * The mean of `values` and its 95% interval, x̄ ± t₀.₉₇₅,ₙ₋₁ · s / √n, with s the
 * sample's standard deviation; for one value, that value thrice.
 *
 * Throws a `RangeError` where there are none.
 *
 * Source: Student, "The probable error of a mean", 1908.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { estimateMean } from "./estimate.ts";
 *
 * const { mean, low } = estimateMean([1, 2, 3]);
 * assertAlmostEquals(mean, 2);
 * assertAlmostEquals(low, 2 - 4.302653 / Math.sqrt(3), 1e-6);
 * ```
 */
export function estimateMean(values: number[]): Estimate {
  const count = values.length;
  if (count === 0) {
    throw new RangeError("Cannot estimate a mean: there must be a value");
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { mean, low: mean, high: mean };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = Math.sqrt(squares / (count - 1) / count);
  const quantile: number = jstat.studentt.inv((1 + CONFIDENCE) / 2, count - 1);
  return { mean, low: mean - quantile * error, high: mean + quantile * error };
}

/** The mean of shares; its interval ends where shares do, at 0 and 1. */
function estimateShare(shares: number[]): Estimate {
  const { mean, low, high } = estimateMean(shares);
  return { mean, low: Math.max(0, low), high: Math.min(1, high) };
}

/** What was trained with some seeds, but for those the same. */
export interface SeedGroup<Result> {
  /** One a seed, in order. */
  members: Result[];
  /** Theirs. */
  seeds: number[];
  /** Accuracy on validation images, over the seeds. */
  validation: Estimate;
  /** Accuracy on test images, over the seeds. */
  test: Estimate;
}

/** `results` of equal keys together, with mean accuracies and 95% intervals over seeds. */
export function groupSeeds<Result extends { seed: number; accuracy: Accuracy }>(
  results: readonly Result[],
  keyOf: (result: Result) => string,
): SeedGroup<Result>[] {
  return [...Map.groupBy(results, keyOf).values()].map((members) => ({
    members,
    seeds: members.map(({ seed }) => seed),
    validation: estimateShare(
      members.map(({ accuracy }) => accuracy.validation),
    ),
    test: estimateShare(members.map(({ accuracy }) => accuracy.test)),
  }));
}
