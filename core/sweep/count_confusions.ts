/**
 * Images by true class (row) and by answer (column): `[classes, classes]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countConfusions } from "./count_confusions.ts";
 *
 * assertEquals(countConfusions([0, 1, 1], Uint8Array.of(0, 0, 1), 2), [[1, 1], [0, 1]]);
 * ```
 */
export function countConfusions(
  answers: ArrayLike<number>,
  labels: Uint8Array,
  classes: number,
): number[][] {
  const matrix = Array.from(
    { length: classes },
    () => new Array<number>(classes).fill(0),
  );
  labels.forEach((label, image) => matrix[label][answers[image]]++);
  return matrix;
}
