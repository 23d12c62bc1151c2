import jstat from "npm:jstat@1.9.6";
import type { Estimate } from "./result.ts";

const CONFIDENCE = 0.95;

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
