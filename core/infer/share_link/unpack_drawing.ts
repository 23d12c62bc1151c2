import {
  CANVAS_SIDE,
  type Drawing,
  type Point,
  type Stroke,
} from "../../data/drawing/drawing.ts";
import { GRID_STEPS } from "../../data/drawing/snap_point.ts";
import { MOST_POINTS, MOST_STROKES } from "./link_limits.ts";

/** Reads packed numbers; throws a `SyntaxError` where bytes are missing. */
class ByteReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether all bytes have been read. */
  get isAtEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  /** The next byte. */
  readByte(): number {
    if (this.isAtEnd) throw new SyntaxError("it is cut short");
    return this.#bytes[this.#position++];
  }

  /** The next `count` bytes, which are checked to be there. */
  readBytes(count: number): Uint8Array {
    if (count > this.#bytes.length - this.#position) {
      throw new SyntaxError("it is cut short");
    }
    this.#position += count;
    return this.#bytes.subarray(this.#position - count, this.#position);
  }

  /** A number from 0 to 32,767: below 128 in one byte, else in two, high bits first. */
  readNumber(): number {
    const first = this.readByte();
    return first < 128 ? first : (first - 128) * 256 + this.readByte();
  }

  /** A number from −16,384 to 16,383, its sign in the lowest bit. */
  readSigned(): number {
    const code = this.readNumber();
    return code % 2 === 0 ? code / 2 : -(code + 1) / 2;
  }
}

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
