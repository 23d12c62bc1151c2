import { Buffer } from "node:buffer";
import type { InsidePicture } from "../inside_data.ts";
import { encodePng } from "./encode_png.ts";

type Colour = readonly [number, number, number, number];

/** Okabe and Ito's blue and vermillion, and a grey: readable on white and on near-black. */
const BLUE = [0, 114, 178] as const;
const VERMILLION = [213, 94, 0] as const;
const GREY = [128, 128, 128] as const;

/** `count` colours of one hue, from faint to full. */
function shades(hue: readonly [number, number, number], count: number) {
  return Array.from({ length: count }, (_, index): Colour => [
    ...hue,
    Math.round(40 + 215 * (index + 1) / count),
  ]);
}

const NOTHING: Colour = [0, 0, 0, 0];
const INK = [NOTHING, ...shades([0, 0, 0], 15)];
const SIGNED = [NOTHING, ...shades(BLUE, 7), ...shades(VERMILLION, 7)];
const MARKED = [
  NOTHING,
  ...shades(BLUE, 13),
  [...GREY, 150] as const,
  [...VERMILLION, 255] as const,
];

/** What a place of a map is, beside how much there is at it. */
export type Mark = "none" | "grey" | "vermillion";

function drawPicture(
  width: number,
  pixels: ArrayLike<number>,
  palette: readonly Colour[],
): InsidePicture {
  const height = pixels.length / width;
  const png = encodePng({ width, height, pixels, palette });
  return { width, height, png: Buffer.from(png).toString("base64") };
}

/** `value` in [0, 1] in steps 1 to `steps`, and 0 for 0 alone. */
function stepOf(value: number, steps: number): number {
  return Math.min(steps, Math.ceil(value * steps));
}

/**
 * Shares in [0, 1], `[height, width]`, as ink on nothing in 15 steps.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawInk } from "./pictures.ts";
 *
 * assertEquals(drawInk(2, [0, 0.5, 1, 0]).height, 2);
 * ```
 */
export function drawInk(
  width: number,
  shares: ArrayLike<number>,
): InsidePicture {
  return drawPicture(
    width,
    Uint8Array.from(shares, (share) => stepOf(share, 15)),
    INK,
  );
}

/**
 * Numbers in [−1, 1], `[height, width]`: positive ones blue, negative ones
 * vermillion, in 7 steps each; 0 alone is nothing.
 *
 * @example
 * ```ts
 * import { assertEquals, assertNotEquals } from "@std/assert";
 * import { drawSigned } from "./pictures.ts";
 *
 * assertEquals(drawSigned(1, [0.5]), drawSigned(1, [0.51])); // in one step
 * assertNotEquals(drawSigned(1, [0.5]), drawSigned(1, [-0.5]));
 * ```
 */
export function drawSigned(
  width: number,
  numbers: ArrayLike<number>,
): InsidePicture {
  return drawPicture(
    width,
    Uint8Array.from(
      numbers,
      (number) => number < 0 ? 7 + stepOf(-number, 7) : stepOf(number, 7),
    ),
    SIGNED,
  );
}

/**
 * Shares in [0, 1], `[height, width]`, in 13 steps of blue, but places that have a
 * mark in its colour.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawMarked } from "./pictures.ts";
 *
 * assertEquals(drawMarked(1, [0.2], ["grey"]), drawMarked(1, [0.9], ["grey"]));
 * ```
 */
export function drawMarked(
  width: number,
  shares: ArrayLike<number>,
  marks: readonly Mark[],
): InsidePicture {
  const colours = Uint8Array.from(shares, (share, place) => {
    if (marks[place] === "none") return stepOf(share, 13);
    return marks[place] === "grey" ? 14 : 15;
  });
  return drawPicture(width, colours, MARKED);
}
