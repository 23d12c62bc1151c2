import { Buffer } from "node:buffer";
import { crc32, inflateSync } from "node:zlib";
import { checkExtent, type Picture, simplifyColours } from "./picture.ts";

// fast-png 8.0.0 unpacks without a bound, reads interlaced pictures of fewer than 8 bits
// wrongly, and leaves palettes and bits to its caller: what would remain of it is this.

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

/** Channels in the file, by colour type. */
const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Bits a channel that a colour type may have. */
const DEPTHS: Record<number, number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** First column and row, and steps, of each pass of an interlaced picture. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

interface Header {
  width: number;
  height: number;
  depth: number;
  type: number;
  interlaced: boolean;
}

function refuse(what: string): never {
  throw new SyntaxError(what);
}

function readHeader(bytes: Uint8Array): Header {
  if (bytes.length !== 13) refuse("its header must have 13 bytes");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, type, compression, filter, interlace] = bytes.subarray(8);
  checkExtent(width, height);
  if (!DEPTHS[type]?.includes(depth)) {
    refuse(
      `its colour type and bits must be among PNG's: found ${type} and ${depth}`,
    );
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    refuse("its compression, filter and interlacing must be PNG's own");
  }
  return { width, height, depth, type, interlaced: interlace === 1 };
}

/** Chunks that are read; others are passed over where they may be. */
const KNOWN = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];

/** The chunks that a picture is made of, checked by their checksums. */
function readChunks(bytes: Uint8Array<ArrayBuffer>) {
  if (!SIGNATURE.every((byte, i) => bytes[i] === byte)) {
    refuse("it must begin as a PNG");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data: Uint8Array<ArrayBuffer>[] = [];
  let [header, palette, transparent]: (Uint8Array<ArrayBuffer> | undefined)[] =
    [];
  for (let at = 8;;) {
    if (at + 12 > bytes.length) refuse("it must have an end: it is cut off");
    const length = view.getUint32(at);
    const end = at + 8 + length;
    if (end + 4 > bytes.length) refuse("it must have an end: it is cut off");
    const kind = String.fromCharCode(
      bytes[at + 4],
      bytes[at + 5],
      bytes[at + 6],
      bytes[at + 7],
    );
    const chunk = bytes.subarray(at + 8, end);
    const known = KNOWN.includes(kind);
    if (known && crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      refuse(`its checksums must hold: that of ${kind} is another`);
    }
    if (!header && kind !== "IHDR") refuse("its header must come first");
    if (kind === "IHDR") header ??= chunk;
    else if (kind === "PLTE") palette = chunk;
    else if (kind === "tRNS") transparent = chunk;
    else if (kind === "IDAT") data.push(chunk);
    else if (kind === "IEND") return { header, palette, transparent, data };
    else if (!known && (bytes[at + 4] & 32) === 0) {
      refuse(`its chunks must be known: ${JSON.stringify(kind)} is not`);
    }
    at = end + 4;
  }
}

/** Bytes of a line of `width` pixels, without its filter. */
function lineBytes(width: number, { depth, type }: Header): number {
  return Math.ceil(width * CHANNELS[type] * depth / 8);
}

/** The passes that the picture has, with the extent of each; those without pixels left out. */
function listPasses({ width, height, interlaced }: Header) {
  const passes = interlaced ? ADAM7 : [[0, 0, 1, 1]];
  return passes.map(([left, top, across, down]) => ({
    ...{ left, top, across, down },
    width: Math.ceil((width - left) / across),
    height: Math.ceil((height - top) / down),
  })).filter(({ width, height }) => width > 0 && height > 0);
}

/**
 * Bytes that zlib unpacks into at a time, from the fewest that it takes to its default.
 * It would give the default to each picture, of which thousands wait to be collected.
 */
const LEAST_CHUNK = 64;
const MOST_CHUNK = 2 ** 14;

function inflate(data: Uint8Array<ArrayBuffer>[], length: number): Uint8Array {
  const packed = data.length === 1 ? data[0] : Buffer.concat(data);
  let bytes: Uint8Array;
  try {
    bytes = inflateSync(packed, {
      maxOutputLength: length,
      chunkSize: Math.min(MOST_CHUNK, Math.max(LEAST_CHUNK, length + 1)),
    });
  } catch (error) {
    refuse(
      `its pixels must unpack to ${length} bytes: ${
        error instanceof Error ? error.message : error
      }`,
    );
  }
  if (bytes.length !== length) {
    refuse(
      `its pixels must unpack to ${length} bytes: there are ${bytes.length}`,
    );
  }
  return bytes;
}

/**
 * Undoes the filter of the `length` bytes at `at`, where the line before stands one byte
 * before them, or is of zeros where there is none.
 */
function unfilter(
  bytes: Uint8Array,
  { at, length, step, first }: {
    at: number;
    length: number;
    /** Bytes from a pixel to the next. */
    step: number;
    /** Whether there is no line before. */
    first: boolean;
  },
): void {
  const kind = bytes[at - 1];
  if (kind === 0) return;
  if (kind > 4) refuse(`its lines' filters must be from 0 to 4: found ${kind}`);
  const before = length + 1;
  for (let i = at; i < at + length; i++) {
    const inside = i >= at + step;
    const left = inside ? bytes[i - step] : 0;
    const up = first ? 0 : bytes[i - before];
    if (kind === 1) bytes[i] += left;
    else if (kind === 2) bytes[i] += up;
    else if (kind === 3) bytes[i] += (left + up) >> 1;
    else {
      const corner = inside && !first ? bytes[i - before - step] : 0;
      const [toLeft, toUp] = [Math.abs(up - corner), Math.abs(left - corner)];
      const toCorner = Math.abs(left + up - 2 * corner);
      bytes[i] += toLeft <= toUp && toLeft <= toCorner
        ? left
        : toUp <= toCorner
        ? up
        : corner;
    }
  }
}

/**
 * Every sample, `[height, width, channels]`, in the bits that the file gives it. Lines are
 * unfiltered where they stand, in `bytes`: an array for each would be most of what reading
 * a small picture takes.
 */
function readSamples(
  bytes: Uint8Array,
  header: Header,
): Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  const { width, height, depth, type } = header;
  const channels = CHANNELS[type];
  const samples = depth === 16
    ? new Uint16Array(width * height * channels)
    : new Uint8Array(width * height * channels);
  const step = Math.max(1, channels * depth >> 3);
  const mask = (1 << depth) - 1;
  let at = 1;
  for (const pass of listPasses(header)) {
    const length = lineBytes(pass.width, header);
    for (let y = 0; y < pass.height; y++) {
      unfilter(bytes, { at, length, step, first: y === 0 });
      const row = (pass.top + y * pass.down) * width;
      for (let x = 0; x < pass.width; x++) {
        const to = (row + pass.left + x * pass.across) * channels;
        for (let c = 0; c < channels; c++) {
          const from = x * channels + c;
          samples[to + c] = depth === 8
            ? bytes[at + from]
            : depth === 16
            ? (bytes[at + 2 * from] << 8) | bytes[at + 2 * from + 1]
            : (bytes[at + (from * depth >> 3)] >>
              (8 - depth - (from * depth & 7))) & mask;
        }
      }
      at += 1 + length;
    }
  }
  return samples;
}

/** `value` of a colour of which `alpha` of `most` covers white. */
function overWhite(value: number, alpha: number, most: number): number {
  return Math.round((value * alpha + most * (most - alpha)) / most);
}

/** Palette and its transparency as colours on white: `[entries, 3]`. */
function readPalette(
  palette: Uint8Array | undefined,
  transparent: Uint8Array | undefined,
  depth: number,
): Uint8Array {
  if (
    !palette || palette.length === 0 || palette.length % 3 !== 0 ||
    palette.length > 3 * 2 ** depth
  ) {
    refuse(
      `its palette must have 1 to ${2 ** depth} colours: it has ${
        palette?.length ?? 0
      } bytes`,
    );
  }
  return palette.map((value, i) =>
    overWhite(value, transparent?.[Math.floor(i / 3)] ?? 255, 255)
  );
}

/** The value of each channel that is transparent, where the file names one. */
function readKey(
  transparent: Uint8Array | undefined,
  channels: number,
): number[] | undefined {
  if (!transparent) return undefined;
  if (transparent.length !== 2 * channels) {
    refuse(
      `its transparent colour must have ${
        2 * channels
      } bytes: it has ${transparent.length}`,
    );
  }
  return Array.from(
    { length: channels },
    (_, c) => (transparent[2 * c] << 8) | transparent[2 * c + 1],
  );
}

/**
 * Reads a PNG of any colour type, of 1, 2, 4, 8 or 16 bits, interlaced or not. What is
 * transparent lies on white; 16 bits are rounded to 8; a picture of nothing but greys
 * has one channel. Colour profiles and gamma are left alone.
 *
 * Throws a `SyntaxError` for what is malformed, cut off, or larger than it says; no more
 * is unpacked than its header says.
 *
 * Source: the PNG specification, W3C, third edition.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodePng } from "./decode_png.ts";
 * import { encodePng } from "./encode_png.ts";
 *
 * const picture = { shape: [1, 2, 1] as [number, number, 1], pixels: Uint8Array.of(7, 200) };
 * assertEquals(decodePng(encodePng(picture)), picture);
 * ```
 */
export function decodePng(bytes: Uint8Array<ArrayBuffer>): Picture {
  const chunks = readChunks(bytes);
  const header = readHeader(chunks.header ?? refuse("it must have a header"));
  const { width, height, depth, type } = header;
  const length = listPasses(header).reduce(
    (sum, pass) => sum + pass.height * (1 + lineBytes(pass.width, header)),
    0,
  );
  const samples = readSamples(inflate(chunks.data, length), header);
  const most = 2 ** depth - 1;
  const count = width * height;
  if (type === 3) {
    const colours = readPalette(chunks.palette, chunks.transparent, depth);
    const pixels = new Uint8Array(3 * count);
    for (let i = 0; i < count; i++) {
      const entry = 3 * samples[i];
      if (entry >= colours.length) {
        refuse(
          `its pixels must be among its ${colours.length / 3} colours: one is ${
            samples[i]
          }`,
        );
      }
      for (let c = 0; c < 3; c++) pixels[3 * i + c] = colours[entry + c];
    }
    return simplifyColours({ shape: [height, width, 3], pixels });
  }
  const stored = CHANNELS[type];
  const channels = stored >= 3 ? 3 : 1;
  const alphaAt = stored === 2 || stored === 4 ? channels : undefined;
  const key = alphaAt === undefined
    ? readKey(chunks.transparent, channels)
    : undefined;
  if (
    samples instanceof Uint8Array && depth === 8 && stored === channels && !key
  ) {
    return simplifyColours({
      shape: [height, width, channels],
      pixels: samples,
    });
  }
  const pixels = new Uint8Array(channels * count);
  const scale = 255 / most;
  for (let i = 0; i < count; i++) {
    const from = i * stored;
    const alpha = alphaAt !== undefined
      ? samples[from + alphaAt]
      : key?.every((value, c) => value === samples[from + c])
      ? 0
      : most;
    for (let c = 0; c < channels; c++) {
      const value = samples[from + c];
      const shown = alpha === most ? value : overWhite(value, alpha, most);
      pixels[channels * i + c] = depth === 8
        ? shown
        : Math.round(shown * scale);
    }
  }
  return simplifyColours({ shape: [height, width, channels], pixels });
}
