import type { Point, Stroke } from "./drawing.ts";
import type { Raster } from "./raster.ts";

/** The line from `from` to `to` of a round pen, in pixels. */
interface Segment {
  from: Point;
  to: Point;
  radius: number;
}

/** The squared distance from (`x`, `y`) to the nearest point of a segment. */
function squaredDistance(
  x: number,
  y: number,
  { from, to }: Segment,
): number {
  const across = to.x - from.x;
  const down = to.y - from.y;
  const length = across * across + down * down;
  const along = length === 0
    ? 0
    : ((x - from.x) * across + (y - from.y) * down) / length;
  const nearest = Math.min(1, Math.max(0, along));
  return (x - from.x - nearest * across) ** 2 +
    (y - from.y - nearest * down) ** 2;
}

/**
 * Inks the pixels of `raster` that a segment touches. Only the part of each row
 * within the pen's reach is visited, so that a line costs its area, not its box.
 */
function drawSegment(
  { pixels, width, height }: Raster,
  segment: Segment,
): void {
  const { from, to, radius } = segment;
  const reach = radius + 0.5;
  const rise = to.y - from.y;
  const first = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
  const last = Math.min(
    height - 1,
    Math.ceil(Math.max(from.y, to.y) + reach),
  );
  /** Where the segment is at height `y`, or at its nearest end. */
  const acrossAt = (y: number) => {
    const along = Math.min(1, Math.max(0, (y - from.y) / rise));
    return from.x + along * (to.x - from.x);
  };
  for (let row = first; row <= last; row++) {
    const y = row + 0.5;
    const one = rise === 0 ? from.x : acrossAt(y - reach);
    const other = rise === 0 ? to.x : acrossAt(y + reach);
    const start = Math.max(0, Math.floor(Math.min(one, other) - reach));
    const end = Math.min(width - 1, Math.ceil(Math.max(one, other) + reach));
    for (let column = start; column <= end; column++) {
      const index = row * width + column;
      if (pixels[index] === 1) continue;
      const distance = Math.sqrt(squaredDistance(column + 0.5, y, segment));
      const ink = Math.min(1, radius - distance + 0.5);
      if (ink > pixels[index]) pixels[index] = ink;
    }
  }
}

/**
 * Draws `strokes`, in pixels from the top left corner of `raster`, over what it
 * holds, with a round pen of `radius` pixels: ink = min(1, max(0, radius − d + ½))
 * at distance d from the line: nearly the share of the pixel that it covers,
 * and, unlike a count of samples, continuous in where the line lies.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawStrokes } from "./draw_strokes.ts";
 *
 * const raster = { pixels: new Float32Array(5), width: 5, height: 1 };
 * drawStrokes(raster, [{ points: [{ x: 2.5, y: 0.5 }] }], 1);
 * assertEquals(raster.pixels, Float32Array.of(0, 0.5, 1, 0.5, 0));
 * ```
 */
export function drawStrokes(
  raster: Raster,
  strokes: Stroke[],
  radius: number,
): void {
  for (const { points } of strokes) {
    points.forEach((to, index) => {
      if (index === 0 && points.length > 1) return;
      drawSegment(raster, { from: points[Math.max(0, index - 1)], to, radius });
    });
  }
}
