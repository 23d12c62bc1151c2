/**
 * A share as a percentage that never says all or nothing of what is neither:
 * `2.3%`, `99.9%`, `under 0.1%`, `0%`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatShare } from "./format_share.ts";
 *
 * assertEquals([0.0234, 0.0001, 0, 1].map(formatShare), ["2.3%", "under 0.1%", "0%", "100%"]);
 * assertEquals(formatShare(0.99999), "over 99.9%");
 * ```
 */
export function formatShare(share: number): string {
  if (share === 0 || share === 1) return `${share * 100}%`;
  if (share < 0.001) return "under 0.1%";
  if (share > 0.999) return "over 99.9%";
  return `${(share * 100).toFixed(1)}%`;
}
