import { drawStrokes } from "../../../../core/data/drawing/draw_strokes.ts";
import type { Stroke } from "../../../../core/data/drawing/drawing.ts";
import type { Raster } from "../../../../core/data/drawing/raster.ts";
import type { Picture } from "../../../../core/data/formats/pictures/picture.ts";
import { randomStream } from "../../../../core/random/stream.ts";

/** Strokes in a corner of a blank sheet, by a pen of that many pixels. */
export function writeOnSheet(strokes: Stroke[], pen: number): Raster {
  const [width, height, scale] = [240, 320, 6];
  const sheet = {
    pixels: new Float32Array(width * height),
    width,
    height,
  };
  const placed = strokes.map(({ points }) => ({
    points: points.map(({ x, y }) => ({
      x: 20 + x * scale,
      y: 110 + y * scale,
    })),
  }));
  drawStrokes(sheet, placed, pen / 2);
  return sheet;
}

/** A photo of `sheet`: light from one side, grain, and colours that aren't quite grey. */
export function photograph(
  { pixels, width, height }: Raster,
  { seed, ink = 0.25 }: { seed: number; ink?: number },
): Picture {
  const random = randomStream(seed, "photo");
  const [right, down] = [
    random.uniform() * 80 - 40,
    random.uniform() * 80 - 40,
  ];
  const photo = new Uint8Array(3 * width * height);
  pixels.forEach((share, index) => {
    const x = index % width / width - 0.5;
    const y = Math.floor(index / width) / height - 0.5;
    const paper = 185 + right * x + down * y;
    const light = paper * (1 - share * (1 - ink));
    for (let c = 0; c < 3; c++) {
      const grain = 12 * (random.uniform() + random.uniform() - 1);
      photo[3 * index + c] = Math.max(0, Math.min(255, light + grain - 5 * c));
    }
  });
  return { shape: [height, width, 3], pixels: photo };
}
