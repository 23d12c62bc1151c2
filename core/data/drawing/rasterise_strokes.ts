import { centreOfMass } from "./centre_of_mass.ts";
import { checkStrokes } from "./check_strokes.ts";
import { drawStrokes } from "./draw_strokes.ts";
import type { Point, Stroke } from "./drawing.ts";
import { BOX_SIDE, CENTRE_PIXEL } from "./mnist_frame.ts";
import { PEN_WIDTH } from "./pen.ts";
import { resampleArea } from "./resample_area.ts";

/** Pixels along one of the 20×20 box's while strokes are drawn. */
const FINENESS = 4;

/**
 * Extent from which a drawing fills the box, in units of the canvas: what is
 * smaller than the width of the pen that draws it is a dot, whose shape is the
 * hand's trembling.
 */
const LEAST_EXTENT = PEN_WIDTH;

/** The middle of all points, and the longer side of their bounding box. */
function measureExtent(
  strokes: Stroke[],
): { middle: Point; extent: number } | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of strokes.flatMap(({ points }) => points)) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  if (left > right) return null;
  const extent = Math.max(right - left, bottom - top);
  if (!Number.isFinite(extent)) {
    throw new RangeError(
      `Cannot rasterise strokes: their extent must be finite: they reach from (${left}, ${top}) to (${right}, ${bottom})`,
    );
  }
  const middle = { x: left + (right - left) / 2, y: top + (bottom - top) / 2 };
  return { middle, extent };
}

/**
 * The image that a model sees of `strokes`, `[28, 28]` in [0, 1], made as MNIST's
 * images were: the ink fitted into a box of 20×20 pixels, its proportions kept,
 * antialiased, and its centre of mass moved to the pixel in row 14, column 14. The
 * pen is as wide wherever and however large one draws. null where there is no point.
 *
 * Throws a `RangeError` where a coordinate is no finite number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rasteriseStrokes } from "./rasterise_strokes.ts";
 *
 * const bar = rasteriseStrokes([{ points: [{ x: 3, y: 1 }, { x: 3, y: 7 }] }]);
 * assertEquals([3, 14, 25].map((row) => bar?.[row * 28 + 14]), [0, 1, 0]);
 * assertEquals(rasteriseStrokes([]), null);
 * ```
 */
export function rasteriseStrokes(
  strokes: Stroke[],
): Float32Array<ArrayBuffer> | null {
  checkStrokes(strokes, "Cannot rasterise strokes");
  const measured = measureExtent(strokes);
  if (!measured) return null;
  const { middle, extent } = measured;
  const side = BOX_SIDE * FINENESS;
  const factor = (BOX_SIDE - PEN_WIDTH) / Math.max(extent, LEAST_EXTENT) *
    FINENESS;
  const placed = strokes.map(({ points }) => ({
    points: points.map(({ x, y }) => ({
      x: side / 2 + (x - middle.x) * factor,
      y: side / 2 + (y - middle.y) * factor,
    })),
  }));
  const box = {
    pixels: new Float32Array(side * side),
    width: side,
    height: side,
  };
  drawStrokes(box, placed, PEN_WIDTH / 2 * FINENESS);
  const centre = centreOfMass(box);
  return resampleArea(box, {
    scale: 1 / FINENESS,
    left: CENTRE_PIXEL + 0.5 - (centre.x + 0.5) / FINENESS,
    top: CENTRE_PIXEL + 0.5 - (centre.y + 0.5) / FINENESS,
  });
}
