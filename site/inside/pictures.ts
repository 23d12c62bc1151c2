import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import { encodePng as encodeColours } from "../../core/data/formats/pictures/encode_png.ts";
import type { ImageShape } from "../../core/data/image_shape.ts";
import { crc32 } from "../../core/infer/crc32.ts";
import type { InsidePicture } from "../inside_data.ts";

/** A picture of at most 16 colours. */
interface IndexedImage {
  /** Columns. */
  width: number;
  /** Rows. */
  height: number;
  /** The colour of each pixel, row-major: an index into `palette`. */
  pixels: ArrayLike<number>;
  /** Red, green, blue and opacity of each colour, 0 to 255. */
  palette: readonly (readonly [number, number, number, number])[];
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Length, name, content, CRC-32 of name and content. */
function chunk(name: string, content: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

/**
 * A PNG file (ISO/IEC 15948) of 4 bits a pixel: colour type 3, no filter, one
 * deflate stream. The same image gives the same bytes.
 *
 * Throws a `RangeError` where a pixel has no colour, or the palette more than 16.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodePng } from "./pictures.ts";
 *
 * const palette = [[0, 0, 0, 0], [0, 0, 0, 255]] as const;
 * const png = encodePng({ width: 2, height: 1, pixels: [0, 1], palette });
 * assertEquals(new TextDecoder("latin1").decode(png.slice(1, 4)), "PNG");
 * ```
 */
export function encodePng(
  { width, height, pixels, palette }: IndexedImage,
): Uint8Array<ArrayBuffer> {
  if (palette.length > 16) {
    throw new RangeError(
      `Cannot encode a PNG: \`palette\` must have at most 16 colours: it has ${palette.length}`,
    );
  }
  const stride = 1 + Math.ceil(width / 2); // filter 0, then two pixels a byte
  const rows = new Uint8Array(height * stride);
  for (let i = 0; i < width * height; i++) {
    if (!(pixels[i] < palette.length)) {
      throw new RangeError(
        `Cannot encode a PNG: \`pixels\` must be indices below ${palette.length}: number ${i} is ${
          pixels[i]
        }`,
      );
    }
    const column = i % width;
    const place = Math.floor(i / width) * stride + 1 + (column >> 1);
    rows[place] |= pixels[i] << (column % 2 === 0 ? 4 : 0);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([4, 3, 0, 0, 0], 8);
  return new Uint8Array(Buffer.concat([
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header),
    chunk("PLTE", Uint8Array.from(palette.flatMap((c) => c.slice(0, 3)))),
    chunk("tRNS", Uint8Array.from(palette, (colour) => colour[3])),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]));
}

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
 * An image of colours, `[height, width, 3]` bytes, as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawColours } from "./pictures.ts";
 *
 * const { width, height } = drawColours([1, 2, 3], Uint8Array.of(255, 0, 0, 0, 0, 255));
 * assertEquals([width, height], [2, 1]);
 * ```
 */
export function drawColours(
  [height, width]: ImageShape,
  pixels: Uint8Array<ArrayBuffer>,
): InsidePicture {
  const png = encodeColours({ shape: [height, width, 3], pixels });
  return { width, height, png: Buffer.from(png).toString("base64") };
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
