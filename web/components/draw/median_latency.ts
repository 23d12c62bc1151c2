/** How many of the last predictions the median is of. */
export const LATENCY_WINDOW = 31;

/**
 * `latencies` in ms with `latest` behind them: the last {@linkcode LATENCY_WINDOW}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { addLatency } from "./median_latency.ts";
 *
 * assertEquals(addLatency([2, 3], 1), [2, 3, 1]);
 * ```
 */
export function addLatency(
  latencies: readonly number[],
  latest: number,
): number[] {
  return [...latencies, latest].slice(-LATENCY_WINDOW);
}

/**
 * The middle one of `latencies` by size, of an even count the mean of the middle
 * two; null where there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { medianLatency } from "./median_latency.ts";
 *
 * assertEquals([medianLatency([9, 1, 2]), medianLatency([1, 2]), medianLatency([])], [2, 1.5, null]);
 * ```
 */
export function medianLatency(latencies: readonly number[]): number | null {
  if (latencies.length === 0) return null;
  const sorted = [...latencies].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.floor(half)] + sorted[Math.ceil(half) - 1]) / 2;
}
