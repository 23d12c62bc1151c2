import type { Xoshiro128 } from "../random/xoshiro128.ts";
import { type ImageShape, pixelCount } from "./dataset.ts";

/**
 * Which of `count` images are mirrored: each with a probability of one half.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawFlips } from "./flip_images.ts";
 * import { randomStream } from "../random/stream.ts";
 *
 * assertEquals(drawFlips(8, randomStream(1)), drawFlips(8, randomStream(1)));
 * ```
 */
export function drawFlips(count: number, random: Xoshiro128): boolean[] {
  return Array.from({ length: count }, () => random.below(2) === 1);
}

/**
 * Images, those of `flips` mirrored left to right.
 * `[flips.length, height, width, channels]` → the same shape, row-major.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { flipImages } from "./flip_images.ts";
 *
 * const image = Uint8Array.of(1, 2, 3, 4);
 * assertEquals(flipImages(image, [2, 2, 1], [true]), Uint8Array.of(2, 1, 4, 3));
 * ```
 */
export function flipImages(
  pixels: Uint8Array<ArrayBuffer>,
  shape: ImageShape,
  flips: readonly boolean[],
): Uint8Array<ArrayBuffer> {
  const [height, width, channels] = shape;
  const size = pixelCount(shape);
  const flipped = pixels.slice();
  flips.forEach((flip, index) => {
    if (!flip) return;
    for (let row = 0; row < height; row++) {
      const line = index * size + row * width * channels;
      for (let column = 0; column < width; column++) {
        const from = line + column * channels;
        flipped.set(
          pixels.subarray(from, from + channels),
          line + (width - 1 - column) * channels,
        );
      }
    }
  });
  return flipped;
}
