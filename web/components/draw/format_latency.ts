/**
 * Milliseconds to two digits, in no smaller step than 0.01: `0.23 ms`, `4.1 ms`, `120 ms`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatLatency } from "./format_latency.ts";
 *
 * assertEquals([0.2345, 4.12, 123.4].map(formatLatency), ["0.23 ms", "4.1 ms", "123 ms"]);
 * assertEquals(formatLatency(0.001), "under 0.01 ms");
 * ```
 */
export function formatLatency(milliseconds: number): string {
  if (milliseconds < 0.01) return "under 0.01 ms";
  const digits = milliseconds < 1 ? 2 : milliseconds < 10 ? 1 : 0;
  return `${milliseconds.toFixed(digits)} ms`;
}
