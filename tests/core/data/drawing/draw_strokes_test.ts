import { assert, assertEquals } from "@std/assert";
import { drawStrokes } from "../../../../core/data/drawing/draw_strokes.ts";
import type { Point } from "../../../../core/data/drawing/drawing.ts";
import { fc } from "../../../seeded_check.ts";

const SIDE = 24;
/** Samples along a pixel that a share of a pixel is counted by. */
const SAMPLES = 16;

/** A blank square of paper. */
function paper() {
  return { pixels: new Float32Array(SIDE * SIDE), width: SIDE, height: SIDE };
}

/** How far (`x`, `y`) is from the line between two points, by trying its points. */
function distanceTo(x: number, y: number, from: Point, to: Point): number {
  const across = to.x - from.x;
  const down = to.y - from.y;
  const length = Math.hypot(across, down);
  if (length === 0) return Math.hypot(x - from.x, y - from.y);
  const along = ((x - from.x) * across + (y - from.y) * down) / length;
  if (along < 0) return Math.hypot(x - from.x, y - from.y);
  if (along > length) return Math.hypot(x - to.x, y - to.y);
  return Math.abs((x - from.x) * down - (y - from.y) * across) / length;
}

/** The share of each pixel that a line of `radius` covers, by counting samples. */
function coverage(from: Point, to: Point, radius: number): number[] {
  return Array.from({ length: SIDE * SIDE }, (_, pixel) => {
    let inside = 0;
    for (let sample = 0; sample < SAMPLES ** 2; sample++) {
      const x = pixel % SIDE + (sample % SAMPLES + 0.5) / SAMPLES;
      const y = Math.floor(pixel / SIDE) +
        (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES;
      if (distanceTo(x, y, from, to) <= radius) inside++;
    }
    return inside / SAMPLES ** 2;
  });
}

Deno.test("ink is nearly the share of a pixel that a line covers, wherever it runs", () => {
  const place = fc.double({ min: -4, max: SIDE + 4, noNaN: true });
  const point = fc.record({ x: place, y: place });
  const radius = fc.double({ min: 1, max: 6, noNaN: true });
  fc.assert(
    fc.property(point, point, radius, (from, to, radius) => {
      const raster = paper();
      drawStrokes(raster, [{ points: [from, to] }], radius);
      const expected = coverage(from, to, radius);
      const differences = expected.map((share, i) =>
        Math.abs(share - raster.pixels[i])
      );
      // A diagonal edge covers a corner of a pixel that lies half a pixel's
      // diagonal away, where this ink has ended.
      assert(Math.max(...differences) < 0.16, `${Math.max(...differences)}`);
      const mean = differences.reduce((a, b) => a + b) / (SIDE * SIDE);
      assert(mean < 0.01, `${mean}`);
    }),
    { numRuns: 60 },
  );
});

Deno.test("lines in any order give the same ink, the most of each pixel", () => {
  const one = { points: [{ x: 2, y: 3 }, { x: 20, y: 9 }, { x: 5, y: 21 }] };
  const other = { points: [{ x: 4, y: 20 }, { x: 22, y: 1 }] };
  const [forth, back, alone] = [paper(), paper(), paper()];
  drawStrokes(forth, [one, other], 2);
  drawStrokes(back, [other, one], 2);
  assertEquals(forth, back);
  drawStrokes(alone, [one], 2);
  assert(forth.pixels.every((ink, i) => ink >= alone.pixels[i]));
});

Deno.test("what lies outside the raster is left out", () => {
  const raster = paper();
  drawStrokes(raster, [{ points: [{ x: -40, y: -40 }, { x: -9, y: 90 }] }], 3);
  assertEquals(raster, paper());
});
