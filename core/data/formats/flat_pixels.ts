import { findSquare, type ImageShape, pixelCount } from "../dataset.ts";
import type { PixelRoom } from "./pixel_sink.ts";

/**
 * The extent of images of which only the number of values is known: `image` where it
 * has as many, else a square, grey or in colours.
 *
 * Throws a `SyntaxError` where it is neither.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { guessShape } from "./flat_pixels.ts";
 *
 * assertEquals([784, 3072].map((values) => guessShape(values, "a.csv")), [[28, 28, 1], [32, 32, 3]]);
 * ```
 */
export function guessShape(
  values: number,
  path: string,
  image?: ImageShape,
): ImageShape {
  if (image && pixelCount(image) === values) return image;
  const square = findSquare(values);
  if (square) return square;
  throw new SyntaxError(
    `Cannot use ${path}: images must be squares, or of a size that --image says: they have ${values} values`,
  );
}

/**
 * Throws a `RangeError` where the images at `path`, of a form that is read at once and
 * takes `bytes` bytes, don't fit into `room`: before they are read.
 */
export function checkRoom(bytes: number, path: string, room?: PixelRoom): void {
  if (!room || bytes <= room.bytes) return;
  const group = (count: number) => count.toLocaleString("en");
  throw new RangeError(
    `Cannot read ${path}: images of this form are read at once, and must fit into memory: they take ${
      group(bytes)
    } bytes, and may have ${
      group(room.bytes)
    }; allow more with --memory MIB, or keep them as IDX files or in folders of pictures, which are read in parts`,
  );
}

/**
 * Numbers as bytes: those from 0 to 1, of which one is no whole number, times 255; all
 * others as they are, rounded.
 *
 * Throws a `SyntaxError` for a number that is no pixel.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toBytes } from "./flat_pixels.ts";
 *
 * assertEquals(toBytes(Float32Array.of(0, 0.5, 1), "a.npz"), Uint8Array.of(0, 128, 255));
 * assertEquals(toBytes(Float32Array.of(0, 1, 254.6), "a.npz"), Uint8Array.of(0, 1, 255));
 * ```
 */
export function toBytes(
  values: ArrayLike<number>,
  path: string,
): Uint8Array<ArrayBuffer> {
  let [most, whole] = [0, true];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!(value >= 0 && value <= 255)) {
      throw new SyntaxError(
        `Cannot use ${path}: pixels must be from 0 to 255, or from 0 to 1: one is ${value}`,
      );
    }
    most = Math.max(most, value);
    whole &&= Number.isInteger(value);
  }
  const scale = most <= 1 && !whole ? 255 : 1;
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Math.round(values[i] * scale);
  }
  return bytes;
}
