import { centreOfMass } from "./centre_of_mass.ts";
import { BOX_SIDE, CENTRE_PIXEL } from "./mnist_frame.ts";
import type { Raster } from "./raster.ts";
import { resampleArea } from "./resample_area.ts";

/** The smallest rectangle that holds all ink, in pixels. */
interface InkBounds {
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
 * import { inkBounds } from "./normalise_image.ts";
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

/**
 * Added to a centre of mass before it is rounded to a pixel, so that half a pixel
 * goes one way however sums were rounded; with it most of MNIST's images, 59,985
 * of 60,000, stay as they are.
 */
const ROUNDING = 1e-6;

/** Throws unless `pixels` are those of an image. */
function checkPixels(
  pixels: Uint8Array | Float32Array,
  width: number,
  height: number,
): void {
  if (
    !(Number.isSafeInteger(width) && Number.isSafeInteger(height) &&
      width > 0 && height > 0 && pixels.length === width * height)
  ) {
    throw new RangeError(
      `Cannot normalise an image: it must have width × height pixels: ${width} × ${height}, there are ${pixels.length}`,
    );
  }
  if (pixels instanceof Uint8Array) return;
  const wrong = pixels.find((value) => !(value >= 0 && value <= 1));
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot normalise an image: pixels must lie within 0 and 1: one is ${wrong}`,
    );
  }
}

/**
 * The image that a model sees of an image of light ink on black, `[height, width]`,
 * bytes or numbers in [0, 1] → `[28, 28]` in [0, 1], made as MNIST's images were:
 * the smallest rectangle with all ink scaled to fit 20×20, its proportions kept,
 * each new pixel the mean over its area, and moved by whole pixels until its centre
 * of mass is nearest to the pixel in row 14, column 14. null where there is no ink.
 * MNIST's own images stay as they are.
 *
 * Throws a `RangeError` where `pixels` are no image of this size, or numbers
 * outside [0, 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { normaliseImage } from "./normalise_image.ts";
 *
 * const bar = normaliseImage(Uint8Array.of(255, 255), 1, 2); // 10×20, then
 * assertEquals([8, 9, 18, 19].map((x) => bar?.[14 * 28 + x]), [0, 1, 1, 0]);
 * assertEquals(normaliseImage(new Uint8Array(6), 2, 3), null);
 * ```
 */
export function normaliseImage(
  pixels: Uint8Array | Float32Array,
  width: number,
  height: number,
): Float32Array<ArrayBuffer> | null {
  checkPixels(pixels, width, height);
  const most = pixels instanceof Uint8Array ? 255 : 1;
  const raster = {
    pixels: Float32Array.from(pixels, (value) => value / most),
    width,
    height,
  };
  const bounds = inkBounds(raster);
  if (!bounds) return null;
  const scale = BOX_SIDE / Math.max(bounds.width, bounds.height);
  const { x, y } = centreOfMass(raster);
  // The box begins on a whole pixel; so its ink is cut the same wherever it lay.
  const place = (start: number, centre: number) => {
    const inBox = (centre - start + 0.5) * scale - 0.5;
    return CENTRE_PIXEL - Math.round(inBox + ROUNDING) - start * scale;
  };
  return resampleArea(raster, {
    scale,
    left: place(bounds.left, x),
    top: place(bounds.top, y),
  });
}
