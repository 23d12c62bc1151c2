import type { Point, Stroke } from "../../../core/data/drawing/drawing.ts";
import { snapPoint } from "../../../core/data/drawing/snap_point.ts";

/** Strokes that pens, fingers or a mouse draw right now, one each. */
export interface Capture {
  /** Pointer `id` touches at `point`. */
  begin(id: number, point: Point): void;
  /** Pointer `id` moves through `points`; one that didn't touch is left alone. */
  extend(id: number, points: Point[]): void;
  /** Pointer `id` lets go: its stroke, or null where it drew none. */
  end(id: number): Stroke | null;
  /** Forgets what is being drawn; the pointers draw again when they touch again. */
  abandon(): void;
  /** Whether pointer `id` draws. */
  has(id: number): boolean;
  /** What is being drawn, from the stroke that began first. */
  strokes(): Stroke[];
}

/**
 * Takes down strokes in canvas units, on the grid that a link can hold: what is
 * classified while drawing is exactly what a shared link gives back. Points that
 * fall on the one before them are left out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { startCapture } from "./capture.ts";
 *
 * const capture = startCapture();
 * capture.begin(1, { x: 14, y: 3.001 });
 * capture.extend(1, [{ x: 14.001, y: 3 }, { x: 14, y: 25 }]);
 * assertEquals(capture.end(1), { points: [{ x: 14, y: 3 }, { x: 14, y: 25 }] });
 * ```
 */
export function startCapture(): Capture {
  const active = new Map<number, Stroke>();
  return {
    begin(id, point) {
      active.set(id, { points: [snapPoint(point)] });
    },
    extend(id, points) {
      const stroke = active.get(id);
      if (!stroke) return;
      for (const point of points.map(snapPoint)) {
        const last = stroke.points[stroke.points.length - 1];
        if (point.x !== last.x || point.y !== last.y) stroke.points.push(point);
      }
    },
    end(id) {
      const stroke = active.get(id) ?? null;
      active.delete(id);
      return stroke;
    },
    abandon: () => active.clear(),
    has: (id) => active.has(id),
    strokes: () => [...active.values()],
  };
}
