import type { Point } from "./drawing.ts";
import type { Raster } from "./raster.ts";

/**
 * Σ v(p)·p / Σ v(p) over the pixels p of `raster`, v being their ink: a pixel in
 * column i lies at x = i. NaN where there is no ink.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { centreOfMass } from "./centre_of_mass.ts";
 *
 * const pixels = Float32Array.of(0, 0, 0.5, 0.5);
 * assertEquals(centreOfMass({ pixels, width: 2, height: 2 }), { x: 0.5, y: 1 });
 * ```
 */
export function centreOfMass({ pixels, width }: Raster): Point {
  let [mass, across, down] = [0, 0, 0];
  for (let index = 0; index < pixels.length; index++) {
    const ink = pixels[index];
    mass += ink;
    across += ink * (index % width);
    down += ink * Math.floor(index / width);
  }
  return { x: across / mass, y: down / mass };
}
