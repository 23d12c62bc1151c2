import { CANVAS_SIDE, type Point } from "./drawing.ts";

/** Steps of the grid in one unit of the canvas. */
export const GRID_STEPS = 32;

/** `value` on the grid, within the canvas. */
function snap(value: number): number {
  const nearest = Math.round(value * GRID_STEPS) / GRID_STEPS;
  return Math.min(CANVAS_SIDE, Math.max(0, nearest));
}

/**
 * The nearest point within the canvas whose coordinates are multiples of 1/32.
 * Points that were snapped when they were drawn come through a link exactly.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { snapPoint } from "./snap_point.ts";
 *
 * assertEquals(snapPoint({ x: 10.51, y: -3 }), { x: 10.5, y: 0 });
 * ```
 */
export function snapPoint({ x, y }: Point): Point {
  return { x: snap(x), y: snap(y) };
}
