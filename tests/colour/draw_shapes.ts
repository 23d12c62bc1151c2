import type { Examples } from "../../core/data/dataset.ts";
import { randomStream } from "../../core/random/stream.ts";

/** What the shapes are, each in warm and in cold colours: ten classes. */
const SHAPES = ["disc", "ring", "square", "triangle", "cross"] as const;

/** Names of the classes, in order: `warm disc`, `cold disc`, …. */
export const SHAPE_CLASSES: readonly string[] = SHAPES.flatMap((shape) =>
  ["warm", "cold"].map((colour) => `${colour} ${shape}`)
);

/** Whether (`x`, `y`), in radii from its middle, lies in a shape. */
function isInside(shape: typeof SHAPES[number], x: number, y: number): boolean {
  const far = Math.hypot(x, y);
  switch (shape) {
    case "disc":
      return far < 1;
    case "ring":
      return far < 1 && far > 0.55;
    case "square":
      return Math.max(Math.abs(x), Math.abs(y)) < 0.85;
    case "triangle":
      return y < 0.7 && y > 2 * Math.abs(x) - 1;
    case "cross":
      return Math.max(Math.abs(x), Math.abs(y)) < 1 &&
        Math.min(Math.abs(x), Math.abs(y)) < 0.3;
  }
}

/** A colour of this hue, in sixths of a turn: what is warm lies about 0, what is cold about 3. */
function colourOf(hue: number, grey: number, light: number): number[] {
  return [0, 4, 2].map((shift) => {
    const turn = ((hue + shift) % 6 + 6) % 6;
    const pure = Math.min(1, Math.max(0, Math.abs(turn - 3) - 1));
    return light * (grey + (1 - grey) * pure);
  });
}

/**
 * `count` pictures of `side`×`side` colours, drawn from `seed`: a shape of any size,
 * place and slant, warm or cold, before a slope of another colour, with grain. Neither
 * its outline alone says its class, nor its colour.
 */
export function drawShapes(
  { count, side, seed }: { count: number; side: number; seed: number },
): Examples<Uint8Array> {
  const random = randomStream(seed, "shapes");
  const between = (low: number, high: number) =>
    low + (high - low) * random.uniform();
  const images = new Uint8Array(count * side * side * 3);
  const labels = new Uint8Array(count);
  for (let image = 0; image < count; image++) {
    const label = random.below(SHAPE_CLASSES.length);
    labels[image] = label;
    const shape = SHAPES[label >> 1];
    const hue = between(-0.6, 0.9) + (label % 2 === 0 ? 0 : 3);
    const ink = colourOf(hue, between(0, 0.3), between(0.7, 1));
    const paper = colourOf(between(0, 6), between(0.6, 1), between(0.2, 0.8));
    const [right, down] = [between(-0.2, 0.2), between(-0.2, 0.2)];
    const radius = between(0.22, 0.36) * side;
    const [left, top] = [between(0.38, 0.62), between(0.38, 0.62)];
    const angle = between(-0.3, 0.3);
    const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        // Four places of a pixel, so that edges are smooth.
        let share = 0;
        for (
          const [a, b] of [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [
            0.75,
            0.75,
          ]]
        ) {
          const across = (x + a - left * side) / radius;
          const along = (y + b - top * side) / radius;
          share += Number(isInside(
            shape,
            cosine * across + sine * along,
            cosine * along - sine * across,
          )) / 4;
        }
        const slope = right * (x / side - 0.5) + down * (y / side - 0.5);
        const grain = between(-0.05, 0.05);
        for (let c = 0; c < 3; c++) {
          const value = share * ink[c] + (1 - share) * (paper[c] + slope);
          images[((image * side + y) * side + x) * 3 + c] = Math.round(
            255 * Math.min(1, Math.max(0, value + grain)),
          );
        }
      }
    }
  }
  return { count, shape: [side, side, 3], images, labels };
}
