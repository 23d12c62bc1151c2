import { formatCount } from "./format_numbers.ts";

/**
 * `1 hidden unit`, `6 hidden units`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatUnits } from "./format_units.ts";
 *
 * assertEquals(formatUnits(1), "1 hidden unit");
 * ```
 */
export function formatUnits(hidden: number): string {
  return `${formatCount(hidden)} hidden ${hidden === 1 ? "unit" : "units"}`;
}
