import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import { crc32 } from "../../core/infer/crc32.ts";

/** A picture of at most 16 colours. */
export interface IndexedImage {
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
 * import { encodePng } from "./encode_png.ts";
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
