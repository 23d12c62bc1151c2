/** A point of a chart, in pixels. */
export interface Place {
  key: string;
  x: number;
  y: number;
}

/**
 * The key of the place that is nearest to `at`, no farther than `reach` pixels;
 * null where none is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findNearest } from "./nearest_point.ts";
 *
 * const places = [{ key: "a", x: 0, y: 0 }, { key: "b", x: 10, y: 0 }];
 * assertEquals(findNearest(places, { x: 7, y: 1 }, 20), "b");
 * assertEquals(findNearest(places, { x: 70, y: 1 }, 20), null);
 * ```
 */
export function findNearest(
  places: readonly Place[],
  at: { x: number; y: number },
  reach: number,
): string | null {
  let [nearest, least]: [string | null, number] = [null, reach];
  for (const { key, x, y } of places) {
    const distance = Math.hypot(x - at.x, y - at.y);
    if (distance <= least) [nearest, least] = [key, distance];
  }
  return nearest;
}
