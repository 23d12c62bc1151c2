import { CANVAS_SIDE, type Point } from "../../../core/data/drawing/drawing.ts";

/**
 * Where a pointer is on a square element that fills `box`, in canvas units.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pointOf } from "./point_of.ts";
 *
 * const box = { left: 100, top: 50, width: 280 };
 * assertEquals(pointOf({ clientX: 240, clientY: 60 }, box), { x: 14, y: 1 });
 * ```
 */
export function pointOf(
  { clientX, clientY }: { clientX: number; clientY: number },
  { left, top, width }: { left: number; top: number; width: number },
): Point {
  const scale = CANVAS_SIDE / width;
  return { x: (clientX - left) * scale, y: (clientY - top) * scale };
}
