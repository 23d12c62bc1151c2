import { checkStrokes } from "./check_strokes.ts";
import { CANVAS_SIDE, type Drawing } from "./drawing.ts";
import { drawStrokes } from "./draw_strokes.ts";
import { normaliseImage } from "./normalise_image.ts";
import { PEN_WIDTH } from "./pen.ts";
import type { Raster } from "./raster.ts";
import { rasteriseStrokes } from "./rasterise_strokes.ts";

/** Pixels along one unit of the canvas while strokes are drawn over an image. */
const FINENESS = 4;

/** `image` in larger pixels, each `FINENESS`² of the same ink. */
function enlarge(image: Uint8Array): Raster {
  const side = CANVAS_SIDE * FINENESS;
  const pixels = new Float32Array(side * side);
  for (let index = 0; index < pixels.length; index++) {
    const row = Math.floor(index / side / FINENESS);
    const column = Math.floor(index % side / FINENESS);
    pixels[index] = image[row * CANVAS_SIDE + column] / 255;
  }
  return { pixels, width: side, height: side };
}

/**
 * The image that a model sees of `drawing`, `[28, 28]` in [0, 1]: of its strokes,
 * what {@linkcode rasteriseStrokes} makes; its image without strokes as it is; of
 * strokes over an image, drawn with the pen's width in units of the canvas, what
 * {@linkcode normaliseImage} makes. null where nothing is drawn.
 *
 * Throws a `RangeError` where a coordinate is no finite number, or the image not
 * 28×28.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readDrawing } from "./read_drawing.ts";
 *
 * const image = new Uint8Array(784).fill(51, 0, 28);
 * assertEquals(readDrawing({ strokes: [], image })?.[27], Math.fround(0.2));
 * assertEquals(readDrawing({ strokes: [], image: null }), null);
 * ```
 */
export function readDrawing(
  { strokes, image }: Drawing,
): Float32Array<ArrayBuffer> | null {
  if (!image) return rasteriseStrokes(strokes);
  if (image.length !== CANVAS_SIDE ** 2) {
    throw new RangeError(
      `Cannot read a drawing: its image must have ${
        CANVAS_SIDE ** 2
      } pixels: it has ${image.length}`,
    );
  }
  if (strokes.every(({ points }) => points.length === 0)) {
    if (image.every((pixel) => pixel === 0)) return null;
    return Float32Array.from(image, (pixel) => pixel / 255);
  }
  checkStrokes(strokes, "Cannot read a drawing");
  const raster = enlarge(image);
  const scaled = strokes.map(({ points }) => ({
    points: points.map(({ x, y }) => ({ x: x * FINENESS, y: y * FINENESS })),
  }));
  drawStrokes(raster, scaled, PEN_WIDTH / 2 * FINENESS);
  return normaliseImage(raster.pixels, raster.width, raster.height);
}
