/**
 * The largest magnitude among `values`; never 0, so that one can divide by it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findMost } from "./find_most.ts";
 *
 * assertEquals(findMost([[1, -3], [2, 0]]), 3);
 * ```
 */
export function findMost(values: number[][]): number {
  return Math.max(...values.flat().map(Math.abs), Number.MIN_VALUE);
}
