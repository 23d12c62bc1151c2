import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { fetchPackage } from "../../../files/fetch_package.ts";
import { READER_PACKAGES } from "../reader_packages.ts";
import { checkExtent, type Picture, simplifyColours } from "./picture.ts";

/** Times that a JPEG may go over its pixels: progressive ones do ten times. */
const MOST_SCANS = 100;
/** Memory that the decoder of inks may take, in MiB: 16 times the largest picture's pixels. */
const MOST_MEMORY = 1024;
const MILLION = 1e6;
/** Memory beyond which a decoder is let go, in bytes: Wasm gives none back. */
const MOST_KEPT = 2 ** 27;

/** What a JPEG says before its pixels. */
interface JpegHead {
  width: number;
  height: number;
  /** 1 of greys, 3 of colours, 4 of inks. */
  components: number;
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

/** Throws where a file of a few bytes a scan would keep its reader for hours. */
function checkScans(bytes: Uint8Array): void {
  let scans = 0;
  for (
    let at = bytes.indexOf(0xff);
    at >= 0;
    at = bytes.indexOf(0xff, at + 1)
  ) {
    if (bytes[at + 1] === 0xda) scans++;
  }
  if (scans <= MOST_SCANS) return;
  throw new SyntaxError(
    `it must go over its pixels at most ${MOST_SCANS} times: it does ${scans} times; save it anew`,
  );
}

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
      const [bits, components] = [segment[0], segment[5]];
      if (bits !== 8) {
        throw new SyntaxError(
          `its samples must have 8 bits: they have ${bits}; save it with 8`,
        );
      }
      checkScans(bytes.subarray(at));
      return { width, height, components, orientation };
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

/** What we use of libjpeg-turbo's Wasm. */
interface Turbo {
  HEAPU8: Uint8Array;
  JPEGDecoder: new () => {
    /** Where the file's bytes go. */
    getEncodedBuffer(length: number): Uint8Array;
    /** Throws a number where they are no whole JPEG. */
    decode(): void;
    /** The pixels, until the next file's. */
    getDecodedBuffer(): Uint8Array;
    getFrameInfo(): { width: number; height: number; componentCount: number };
  };
}

interface TurboOptions {
  instantiateWasm(
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance, from: WebAssembly.Module) => void,
  ): Record<never, never>;
  print(): void;
  printErr(): void;
}

/** A decoder that takes one file after another. */
interface TurboDecoder {
  turbo: Turbo;
  decoder: InstanceType<Turbo["JPEGDecoder"]>;
}

/** Makes decoders, once its package is there. */
let making: Promise<() => Promise<TurboDecoder>> | undefined;
/** The decoder of the last file; none where that spoilt it. */
let kept: TurboDecoder | undefined;

async function loadTurbo(): Promise<() => Promise<TurboDecoder>> {
  const folder = await fetchPackage(READER_PACKAGES.jpeg);
  const script = new URL("dist/libjpegturbowasm_decode.js", folder);
  const start: (options: TurboOptions) => Promise<Turbo> = createRequire(
    script,
  )(fileURLToPath(script));
  const wasm = await WebAssembly.compile(
    await Deno.readFile(new URL("dist/libjpegturbowasm_decode.wasm", folder)),
  );
  return async () => {
    const turbo = await start({
      instantiateWasm(imports, receive) {
        receive(new WebAssembly.Instance(wasm, imports), wasm);
        return {};
      },
      print() {},
      printErr() {},
    });
    return { turbo, decoder: new turbo.JPEGDecoder() };
  };
}

/** What both decoders mean, whose own words are of their insides. */
function damaged(cause: unknown): SyntaxError {
  return new SyntaxError(
    "its pixels must be whole: they are damaged or cut off",
    { cause },
  );
}

/** Pixels of a JPEG of greys or colours, `[height, width, 1 or 3]`. */
async function decodeTurbo(
  bytes: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  making ??= loadTurbo();
  const make = await making.catch((error) => {
    making = undefined;
    throw error;
  });
  const { turbo, decoder } = kept ?? await make();
  // Who throws may have left anything behind in its memory.
  kept = undefined;
  decoder.getEncodedBuffer(bytes.length).set(bytes);
  try {
    decoder.decode();
  } catch (error) {
    throw damaged(error);
  }
  const pixels = new Uint8Array(decoder.getDecodedBuffer());
  if (turbo.HEAPU8.length <= MOST_KEPT) kept = { turbo, decoder };
  return pixels;
}

/** What we use of jpeg-js. */
interface JpegJs {
  decode(bytes: Uint8Array, options: {
    useTArray: true;
    formatAsRGBA: false;
    tolerantDecoding: false;
    maxResolutionInMP: number;
    maxMemoryUsageInMB: number;
  }): { data: Uint8Array };
}

/** Pixels of a JPEG of four inks, `[height, width, 3]`. */
async function decodeInks(
  bytes: Uint8Array,
  { width, height }: JpegHead,
): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await fetchPackage(READER_PACKAGES.inks);
  const script = new URL("index.js", folder);
  const jpeg: JpegJs = createRequire(script)(fileURLToPath(script));
  try {
    const { data } = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: width * height / MILLION + 1,
      maxMemoryUsageInMB: MOST_MEMORY,
    });
    return new Uint8Array(data);
  } catch (error) {
    throw damaged(error);
  }
}

/**
 * Reads a JPEG: baseline or progressive, grey, colours or CMYK, turned as its EXIF
 * orientation says; the pixels are libjpeg-turbo's, as Pillow's are. A picture of
 * nothing but greys has one channel. The decoder's package is fetched and loaded when
 * the first one is read.
 *
 * Rejects with a `SyntaxError` for what is malformed, cut off, too large, or of another
 * kind, and with an `Error` where the package can't be fetched.
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
  const head = readHead(bytes);
  const { width, height, components, orientation } = head;
  const pixels = components === 4
    ? await decodeInks(bytes, head)
    : await decodeTurbo(bytes);
  const channels = pixels.length / (width * height);
  if (channels !== 1 && channels !== 3) {
    throw new SyntaxError("its pixels must be as many as it says");
  }
  const picture: Picture = { shape: [height, width, channels], pixels };
  return turn(simplifyColours(picture), orientation);
}
