import { checkExtent, type Picture, simplifyColours } from "./picture.ts";

/** Memory that the decoder may take, in MiB: 16 times the largest picture's pixels. */
const MOST_MEMORY = 1024;
const MILLION = 1e6;

/** What a JPEG says before its pixels. */
interface JpegHead {
  width: number;
  height: number;
  /** How the camera was held: EXIF's orientation, 1 to 8. */
  orientation: number;
}

/** EXIF's orientation in the segment `bytes`; 1 where it says none. */
function readOrientation(bytes: Uint8Array): number {
  const text = String.fromCharCode(...bytes.subarray(0, 6));
  if (text !== "Exif\0\0" || bytes.length < 14) return 1;
  const view = new DataView(
    bytes.buffer,
    bytes.byteOffset + 6,
    bytes.length - 6,
  );
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > view.byteLength) return 1;
  const count = view.getUint16(directory, little);
  for (let entry = 0; entry < count; entry++) {
    const at = directory + 2 + 12 * entry;
    if (at + 12 > view.byteLength) return 1;
    if (view.getUint16(at, little) !== 0x0112) continue;
    const orientation = view.getUint16(at + 8, little);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}

/** Frames that are read: baseline, extended and progressive, of Huffman's codes. */
const FRAMES = [0xc0, 0xc1, 0xc2];
/** Markers of frames of other kinds: lossless, hierarchical, arithmetic codes. */
const OTHER_FRAMES = [
  ...[0xc3, 0xc5, 0xc6, 0xc7, 0xc9],
  ...[0xca, 0xcb, 0xcd, 0xce, 0xcf],
];

/** Reads what comes before the pixels; throws for what isn't a JPEG that is read. */
function readHead(bytes: Uint8Array): JpegHead {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let orientation = 1;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) {
      throw new SyntaxError("its segments must begin with a marker");
    }
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = view.getUint16(at + 2);
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (OTHER_FRAMES.includes(marker)) {
      throw new SyntaxError(
        `it must be a baseline or progressive JPEG: its frame is of kind ${
          marker - 0xc0
        }; save it as one of these`,
      );
    }
    if (FRAMES.includes(marker)) {
      if (segment.length < 6) break;
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      checkExtent(width, height);
      return { width, height, orientation };
    }
    if (marker === 0xe1 && orientation === 1) {
      orientation = readOrientation(segment);
    }
    at += 2 + Math.max(2, length);
  }
  throw new SyntaxError("it must say how large it is: it is cut off");
}

/** `picture` as it was seen, by EXIF's orientation. */
function turn({ shape, pixels }: Picture, orientation: number): Picture {
  if (orientation === 1) return { shape, pixels };
  const [height, width, channels] = shape;
  const swapped = orientation >= 5;
  const [tall, wide] = swapped ? [width, height] : [height, width];
  const turned = new Uint8Array(pixels.length);
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < wide; x++) {
      const right = wide - 1 - x;
      const below = tall - 1 - y;
      const [row, column] = [
        [y, x],
        [y, right],
        [below, right],
        [below, x],
        [x, y],
        [right, y],
        [right, below],
        [x, below],
      ][orientation - 1];
      for (let c = 0; c < channels; c++) {
        turned[(y * wide + x) * channels + c] =
          pixels[(row * width + column) * channels + c];
      }
    }
  }
  return { shape: [tall, wide, channels], pixels: turned };
}

/**
 * Reads a JPEG: baseline or progressive, grey, colours or CMYK, turned as its EXIF
 * orientation says. A picture of nothing but greys has one channel. The decoder's
 * package is loaded when the first one is read.
 *
 * Rejects with a `SyntaxError` for what is malformed, cut off, too large, or of another
 * kind.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { decodeJpeg } from "./decode_jpeg.ts";
 *
 * await assertRejects(() => decodeJpeg(Uint8Array.of(255, 216, 255)), SyntaxError, "cut off");
 * ```
 */
export async function decodeJpeg(bytes: Uint8Array): Promise<Picture> {
  const { width, height, orientation } = readHead(bytes);
  const { default: jpeg } = await import("npm:jpeg-js@0.4.4");
  let pixels: Uint8Array;
  try {
    pixels = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: width * height / MILLION + 1,
      maxMemoryUsageInMB: MOST_MEMORY,
    }).data;
  } catch (error) {
    throw new SyntaxError(
      `its pixels must be whole: ${
        error instanceof Error ? error.message : error
      }`,
      { cause: error },
    );
  }
  if (pixels.length !== 3 * width * height) {
    throw new SyntaxError("its pixels must be as many as it says");
  }
  const picture: Picture = {
    shape: [height, width, 3],
    pixels: new Uint8Array(pixels),
  };
  return turn(simplifyColours(picture), orientation);
}
