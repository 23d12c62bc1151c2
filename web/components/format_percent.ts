/**
 * A share as a percentage; `digits` behind the point.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatPercent } from "./format_percent.ts";
 *
 * assertEquals([formatPercent(0.9903, 2), formatPercent(0.5, 0)], ["99.03%", "50%"]);
 * ```
 */
export function formatPercent(share: number, digits: number): string {
  return `${(share * 100).toFixed(digits)}%`;
}
