/** How densely a line is taken to cover what it crosses, in pixels. */
const STEP = 5;

/**
 * Points along the line that joins `points`, so that a label can keep clear of all
 * of it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { walkLine } from "./walk_line.ts";
 *
 * assertEquals(walkLine([{ x: 0, y: 0 }, { x: 10, y: 0 }]), [{ x: 0, y: 0 }, { x: 5, y: 0 }]);
 * ```
 */
export function walkLine(
  points: readonly { x: number; y: number }[],
): { x: number; y: number }[] {
  return points.flatMap((from, index) => {
    const to = points[index + 1] ?? from;
    const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / STEP);
    return Array.from({ length: steps }, (_, step) => ({
      x: from.x + (step / steps) * (to.x - from.x),
      y: from.y + (step / steps) * (to.y - from.y),
    }));
  });
}
