import { checkStrokes } from "../../data/drawing/check_strokes.ts";
import { CANVAS_SIDE, type Drawing } from "../../data/drawing/drawing.ts";
import { GRID_STEPS, snapPoint } from "../../data/drawing/snap_point.ts";
import { MOST_POINTS, MOST_STROKES } from "./link_limits.ts";

/**
 * `value`, an integer from 0 to 32,767, in one byte below 128, else in two, high
 * bits first.
 */
function packNumber(value: number): number[] {
  return value < 128 ? [value] : [128 + (value >> 8), value & 255];
}

/** `value`, an integer from −16,384 to 16,383, its sign in the lowest bit. */
function packSigned(value: number): number[] {
  return packNumber(value < 0 ? -2 * value - 1 : 2 * value);
}

/** The first index from `start` on whose pixel is ink, or paper; else the length. */
function endOfRun(image: Uint8Array, start: number, ofInk: boolean): number {
  const end = image.findIndex((pixel, index) =>
    index >= start && (pixel > 0) !== ofInk
  );
  return end < 0 ? image.length : end;
}

/** Lengths of runs of paper and ink by turns, ink followed by its pixels. */
function packImage(image: Uint8Array): number[] {
  const bytes: number[] = [];
  for (let start = 0; start < image.length;) {
    const ink = endOfRun(image, start, false);
    const end = endOfRun(image, ink, true);
    bytes.push(...packNumber(ink - start));
    if (ink < image.length) bytes.push(...packNumber(end - ink));
    bytes.push(...image.subarray(ink, end));
    start = end;
  }
  return bytes;
}

/** Each stroke's count of points, then each point's steps from the one before. */
function packStrokes(strokes: Drawing["strokes"]): number[] {
  const bytes: number[] = [];
  let [lastX, lastY] = [0, 0];
  for (const { points } of strokes) {
    bytes.push(...packNumber(points.length));
    for (const point of points) {
      const { x, y } = snapPoint(point);
      bytes.push(...packSigned((x - lastX) * GRID_STEPS));
      bytes.push(...packSigned((y - lastY) * GRID_STEPS));
      [lastX, lastY] = [x, y];
    }
  }
  return bytes;
}

/**
 * `drawing` in few bytes: 1 where it has an image, else 0; the image; its strokes,
 * but for those without a point, every point moved to where `snapPoint` has it.
 *
 * Throws a `RangeError` where the drawing is larger than a link may hold, a
 * coordinate is no finite number, or the image not 28×28.
 */
export function packDrawing(
  { strokes, image }: Drawing,
): Uint8Array<ArrayBuffer> {
  const drawn = strokes.filter(({ points }) => points.length > 0);
  const points = drawn.flatMap((stroke) => stroke.points);
  if (points.length > MOST_POINTS || drawn.length > MOST_STROKES) {
    throw new RangeError(
      `Cannot put this drawing in a link: it must have at most ${MOST_STROKES} strokes and ${MOST_POINTS} points: it has ${drawn.length} and ${points.length}`,
    );
  }
  checkStrokes(drawn, "Cannot put this drawing in a link");
  if (image && image.length !== CANVAS_SIDE ** 2) {
    throw new RangeError(
      `Cannot put this drawing in a link: its image must have ${
        CANVAS_SIDE ** 2
      } pixels: it has ${image.length}`,
    );
  }
  const head = image ? [1, ...packImage(image)] : [0];
  return Uint8Array.from([...head, ...packStrokes(drawn)]);
}
