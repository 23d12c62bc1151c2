import { type Examples, pixelCount } from "../core/data/dataset.ts";

/**
 * Whether each pixel is the same in all of `examples`: `[height · width ·
 * channels]`. A weight that reads such a pixel can't tell images apart.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findBlankPixels } from "./find_blank_pixels.ts";
 *
 * const blank = findBlankPixels({
 *   count: 2,
 *   shape: [1, 3, 1],
 *   images: Uint8Array.of(0, 9, 7, 0, 8, 7),
 *   labels: Uint8Array.of(0, 1),
 * });
 * assertEquals(blank, [true, false, true]);
 * ```
 */
export function findBlankPixels({ shape, images }: Examples): boolean[] {
  const size = pixelCount(shape);
  const blank = new Array<boolean>(size).fill(true);
  for (let i = size; i < images.length; i++) {
    if (images[i] !== images[i % size]) blank[i % size] = false;
  }
  return blank;
}
