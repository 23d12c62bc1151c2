/**
 * Σᵢ Σⱼ≠ᵢ cᵢⱼ: the images of a confusion matrix c that are taken for another class.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countErrors } from "./count_errors.ts";
 *
 * assertEquals(countErrors([[7, 1], [2, 5]]), 3);
 * ```
 */
export function countErrors(matrix: readonly number[][]): number {
  return matrix
    .flatMap((row, i) => row.filter((_, j) => i !== j))
    .reduce((sum, count) => sum + count, 0);
}
