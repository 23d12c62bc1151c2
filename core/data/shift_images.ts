import type { Xoshiro128 } from "../random/xoshiro128.ts";
import { type ImageShape, pixelCount } from "./dataset.ts";

/**
 * Each image moved by whole pixels, down and across, uniformly from −`reach` to
 * `reach`; what enters from outside is 0. `[n, height, width, channels]` →
 * the same shape, row-major.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shiftImages } from "./shift_images.ts";
 * import { randomStream } from "../random/stream.ts";
 *
 * const image = Float32Array.of(1, 2, 3, 4);
 * assertEquals(shiftImages(image, [2, 2, 1], 0, randomStream(1)), image);
 * ```
 */
export function shiftImages(
  pixels: Float32Array<ArrayBuffer>,
  shape: ImageShape,
  reach: number,
  random: Xoshiro128,
): Float32Array<ArrayBuffer> {
  const [height, width, channels] = shape;
  const size = pixelCount(shape);
  const shifted = new Float32Array(pixels.length);
  for (let image = 0; image < pixels.length; image += size) {
    const down = random.below(2 * reach + 1) - reach;
    const across = random.below(2 * reach + 1) - reach;
    const from = Math.max(0, -across);
    const to = Math.min(width, width - across);
    if (to <= from) continue;
    for (
      let row = Math.max(0, -down);
      row < Math.min(height, height - down);
      row++
    ) {
      const source = image + (row * width + from) * channels;
      const target = image + ((row + down) * width + from + across) * channels;
      shifted.set(
        pixels.subarray(source, source + (to - from) * channels),
        target,
      );
    }
  }
  return shifted;
}
