import jstat from "npm:jstat@1.9.6";

/** The middle of some runs, and how far they spread, in ms. */
export interface RunSummary {
  runs: number;
  median_ms: number;
  min_ms: number;
  max_ms: number;
}

/**
 * The median, the least and the largest of `milliseconds`; of an even number the
 * median is the mean of the middle two. Throws a `RangeError` where there are none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { summariseRuns } from "./summarise_runs.ts";
 *
 * assertEquals(summariseRuns([9, 1, 2, 4]), { runs: 4, median_ms: 3, min_ms: 1, max_ms: 9 });
 * ```
 */
export function summariseRuns(milliseconds: number[]): RunSummary {
  if (milliseconds.length === 0) {
    throw new RangeError("Cannot summarise runs: there must be one");
  }
  const median: number = jstat.median(milliseconds);
  return {
    runs: milliseconds.length,
    median_ms: median,
    min_ms: Math.min(...milliseconds),
    max_ms: Math.max(...milliseconds),
  };
}
