import {
  CANVAS_SIDE,
  type Drawing,
  type Point,
  type Stroke,
} from "../../data/drawing/drawing.ts";
import { GRID_STEPS } from "../../data/drawing/snap_point.ts";
import { ByteReader } from "./byte_reader.ts";
import { MOST_POINTS, MOST_STROKES } from "./link_limits.ts";

function unpackImage(reader: ByteReader): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(CANVAS_SIDE ** 2);
  for (let start = 0; start < image.length;) {
    const ink = start + reader.readNumber();
    const end = ink < image.length ? ink + reader.readNumber() : ink;
    if (end > image.length || end === start) {
      throw new SyntaxError(`its image must have ${image.length} pixels`);
    }
    image.set(reader.readBytes(end - ink), ink);
    start = end;
  }
  return image;
}

/** The point that comes after `last`, in steps of the grid. */
function unpackPoint(reader: ByteReader, last: Point): Point {
  const x = last.x + reader.readSigned();
  const y = last.y + reader.readSigned();
  const most = CANVAS_SIDE * GRID_STEPS;
  if (Math.min(x, y) < 0 || Math.max(x, y) > most) {
    throw new SyntaxError("a point must not lie outside the canvas");
  }
  return { x, y };
}

function unpackStrokes(reader: ByteReader): Stroke[] {
  const strokes: Stroke[] = [];
  let left = MOST_POINTS;
  let last: Point = { x: 0, y: 0 };
  while (!reader.isAtEnd) {
    const count = reader.readNumber();
    left -= count;
    if (count === 0) throw new SyntaxError("a stroke must have a point");
    if (left < 0) throw new SyntaxError(`it has over ${MOST_POINTS} points`);
    if (strokes.length === MOST_STROKES) {
      throw new SyntaxError(`it has over ${MOST_STROKES} strokes`);
    }
    const points: Point[] = [];
    while (points.length < count) {
      last = unpackPoint(reader, last);
      points.push({ x: last.x / GRID_STEPS, y: last.y / GRID_STEPS });
    }
    strokes.push({ points });
  }
  return strokes;
}

/**
 * The drawing that {@linkcode packDrawing} packed. Nothing is allocated that the
 * bytes do not hold. Throws a `SyntaxError` that names what is wrong with "it".
 */
export function unpackDrawing(bytes: Uint8Array): Drawing {
  const reader = new ByteReader(bytes);
  const kind = reader.readByte();
  if (kind > 1) {
    throw new SyntaxError(
      `it is of a kind that this page does not know (${kind}): reload the page, or open the link with a newer one`,
    );
  }
  const image = kind === 1 ? unpackImage(reader) : null;
  return { strokes: unpackStrokes(reader), image };
}
