import type { Raster } from "./raster.ts";

/** The smallest rectangle that holds all ink, in pixels. */
export interface InkBounds {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * Where `raster` has any ink; null where it has none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inkBounds } from "./ink_bounds.ts";
 *
 * const pixels = Float32Array.of(0, 0, 0, 0, 0.1, 1);
 * assertEquals(inkBounds({ pixels, width: 3, height: 2 }), { left: 1, top: 1, width: 2, height: 1 });
 * ```
 */
export function inkBounds(
  { pixels, width, height }: Raster,
): InkBounds | null {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (pixels[y * width + x] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  if (bottom < 0) return null;
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}
