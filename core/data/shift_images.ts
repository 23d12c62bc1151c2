import type { Xoshiro128 } from "../random/xoshiro128.ts";
import { type ImageShape, pixelCount } from "./dataset.ts";

/** How far an image is moved, in pixels. */
export interface Shift {
  /** Rows down; up where negative. */
  down: number;
  /** Columns to the right; to the left where negative. */
  across: number;
}

/**
 * `count` shifts, each down and across uniform over the whole pixels from
 * −`reach` to `reach`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawShifts } from "./shift_images.ts";
 * import { randomStream } from "../random/stream.ts";
 *
 * assertEquals(drawShifts(1, 0, randomStream(1)), [{ down: 0, across: 0 }]);
 * ```
 */
export function drawShifts(
  count: number,
  reach: number,
  random: Xoshiro128,
): Shift[] {
  const draw = () => random.below(2 * reach + 1) - reach;
  return Array.from({ length: count }, () => ({
    down: draw(),
    across: draw(),
  }));
}

/**
 * Each image moved by its shift; what enters from outside is 0.
 * `[shifts.length, height, width, channels]` → the same shape, row-major.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shiftImages } from "./shift_images.ts";
 *
 * const image = Uint8Array.of(1, 2, 3, 4);
 * const moved = shiftImages(image, [2, 2, 1], [{ down: 1, across: 0 }]);
 * assertEquals(moved, Uint8Array.of(0, 0, 1, 2));
 * ```
 */
export function shiftImages(
  pixels: Uint8Array<ArrayBuffer>,
  shape: ImageShape,
  shifts: Shift[],
): Uint8Array<ArrayBuffer> {
  const [height, width, channels] = shape;
  const size = pixelCount(shape);
  const shifted = new Uint8Array(pixels.length);
  shifts.forEach(({ down, across }, index) => {
    const image = index * size;
    const from = Math.max(0, -across);
    const to = Math.min(width, width - across);
    if (to <= from) return;
    const lastRow = Math.min(height, height - down);
    for (let row = Math.max(0, -down); row < lastRow; row++) {
      const source = image + (row * width + from) * channels;
      const target = image + ((row + down) * width + from + across) * channels;
      shifted.set(
        pixels.subarray(source, source + (to - from) * channels),
        target,
      );
    }
  });
  return shifted;
}
