/** Steps of a mistake's colour. */
const STEPS = 5;

/**
 * The class of a cell of a confusion matrix: `right` on the diagonal, `none` where
 * no image fell, else `wrong1` to `wrong5` by √(count / most), `most` being the
 * largest count of mistakes in one cell.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shadeConfusion } from "./shade_confusion.ts";
 *
 * assertEquals(shadeConfusion(3, 3, { count: 980, most: 20 }), "right");
 * assertEquals(shadeConfusion(3, 5, { count: 5, most: 20 }), "wrong3");
 * assertEquals(shadeConfusion(3, 6, { count: 0, most: 20 }), "none");
 * ```
 */
export function shadeConfusion(
  row: number,
  column: number,
  { count, most }: { count: number; most: number },
): string {
  if (row === column) return "right";
  if (count === 0) return "none";
  return `wrong${Math.ceil(STEPS * Math.sqrt(count / most))}`;
}
