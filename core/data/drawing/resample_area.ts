import { CANVAS_SIDE } from "./drawing.ts";
import type { Raster } from "./raster.ts";

/** A part of a source pixel that falls into a new pixel. */
interface Share {
  source: number;
  /** How much of the new pixel's length it covers, in [0, 1]. */
  weight: number;
}

/**
 * What each of the new image's 28 pixels along one axis covers of `length` source
 * pixels, of which pixel i spans `start` + `scale`·[i, i + 1].
 */
function sharesAlong(length: number, scale: number, start: number): Share[][] {
  return Array.from({ length: CANVAS_SIDE }, (_, pixel) => {
    const from = Math.max(0, (pixel - start) / scale);
    const to = Math.min(length, (pixel + 1 - start) / scale);
    const shares: Share[] = [];
    for (let source = Math.floor(from); source < to; source++) {
      const covered = Math.min(to, source + 1) - Math.max(from, source);
      shares.push({ source, weight: covered * scale });
    }
    return shares;
  });
}

/**
 * `raster` scaled by `scale` with its top left corner at (`left`, `top`) of an
 * image of 28×28: each new pixel is the mean of the source over its area, paper
 * where there is none. At scale 1 and whole offsets it is the source itself.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { resampleArea } from "./resample_area.ts";
 *
 * const raster = { pixels: Float32Array.of(1, 1, 1, 1), width: 2, height: 2 };
 * const image = resampleArea(raster, { scale: 0.5, left: 3.25, top: 0 });
 * assertEquals(image.slice(2, 6), Float32Array.of(0, 0.75, 0.25, 0));
 * ```
 */
export function resampleArea(
  { pixels, width, height }: Raster,
  { scale, left, top }: { scale: number; left: number; top: number },
): Float32Array<ArrayBuffer> {
  const columns = sharesAlong(width, scale, left);
  const rows = sharesAlong(height, scale, top);
  const narrowed = new Float32Array(height * CANVAS_SIDE); // [height, 28]
  for (let y = 0; y < height; y++) {
    columns.forEach((shares, x) => {
      let sum = 0;
      for (const { source, weight } of shares) {
        sum += weight * pixels[y * width + source];
      }
      narrowed[y * CANVAS_SIDE + x] = sum;
    });
  }
  const image = new Float32Array(CANVAS_SIDE * CANVAS_SIDE);
  rows.forEach((shares, y) => {
    for (let x = 0; x < CANVAS_SIDE; x++) {
      let sum = 0;
      for (const { source, weight } of shares) {
        sum += weight * narrowed[source * CANVAS_SIDE + x];
      }
      // Weights of a whole pixel may sum to a little more than 1.
      image[y * CANVAS_SIDE + x] = Math.min(1, sum);
    }
  });
  return image;
}
