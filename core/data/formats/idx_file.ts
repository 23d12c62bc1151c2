import { createHash } from "node:crypto";
import { readRegularFile } from "../../files/read_regular_file.ts";
import type { Pixels } from "../dataset.ts";
import { closeStored } from "../stored_images.ts";
import {
  headerLength,
  type IdxArray,
  MAX_IDX_BYTES,
  readIdx,
  streamIdx,
} from "./idx.ts";
import { openSink, type PixelRoom, type PixelSink } from "./pixel_sink.ts";

/** An IDX file with the hash of its uncompressed bytes. */
export interface IdxFile extends IdxArray {
  /** SHA-256 of the file, uncompressed, in hexadecimal. */
  sha256: string;
}

const GZIP_MAGIC = [0x1f, 0x8b];

/**
 * SHA-256 of `bytes` in lower-case hexadecimal.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { sha256Hex } from "./idx_file.ts";
 *
 * assert((await sha256Hex(new Uint8Array(0))).startsWith("e3b0c44298fc1c14"));
 * ```
 */
export async function sha256Hex(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Bytes that a gzipped file may always unpack to, however small it is. */
const UNPACKED_BYTES = 2 ** 26;
/** How many times its own length it may unpack to beyond that; MNIST's images 4.7 times. */
const UNPACKED_SHARE = 100;
/** Bytes that are unpacked at a time. */
const PIECE_BYTES = 4096;

/** How many bytes the gzipped file `bytes` says it unpacks to, modulo 2³²: its last four. */
function readUnpackedSize(bytes: Uint8Array): number {
  if (bytes.length < 18) return 0; // no gzip is shorter: unpacking tells
  const { buffer, byteOffset, length } = bytes;
  return new DataView(buffer, byteOffset + length - 4).getUint32(0, true);
}

/** SHA-256 of an IDX file of these dimensions, to be given its values. */
function hashHeader(dimensions: readonly number[]) {
  const header = new Uint8Array(headerLength(dimensions.length));
  header.set([0, 0, 8, dimensions.length]);
  const view = new DataView(header.buffer);
  dimensions.forEach((extent, axis) => view.setUint32(4 + 4 * axis, extent));
  return createHash("sha256").update(header);
}

/** SHA-256 of the IDX file that holds this, in hexadecimal. */
function hashIdx({ dimensions, values }: IdxArray): string {
  return hashHeader(dimensions).update(values).digest("hex");
}

/** `bytes` in pieces: each is unpacked whole, to a thousand times its length at the most. */
function* cutPieces(bytes: Uint8Array<ArrayBuffer>) {
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    yield bytes.subarray(from, from + PIECE_BYTES);
  }
}

/**
 * Unpacks a gzipped IDX file and has `read` read it, as far as its header and `limit`
 * say.
 */
async function readZipped<Read extends Pick<IdxArray, "dimensions">>(
  bytes: Uint8Array<ArrayBuffer>,
  { path, limit, read }: {
    path: string;
    limit: number;
    read: (
      stream: ReadableStream<Uint8Array<ArrayBuffer>>,
      most: number,
    ) => Promise<Read>;
  },
): Promise<Read> {
  const size = readUnpackedSize(bytes);
  const most = Math.min(
    limit,
    Math.max(UNPACKED_BYTES, UNPACKED_SHARE * bytes.length),
  );
  if (size > most + headerLength(4)) {
    throw new SyntaxError(
      `Cannot read ${path}: gzip of its length may unpack to at most ${
        most.toLocaleString("en")
      } bytes: it says ${
        size.toLocaleString("en")
      }; copy it again if it is cut off, or unpack it with gunzip if you trust it`,
    );
  }
  const stream = ReadableStream.from(cutPieces(bytes))
    .pipeThrough(new DecompressionStream("gzip"));
  const array = await read(stream, most);
  const { dimensions } = array;
  const unpacked = headerLength(dimensions.length) +
    dimensions.reduce((a, b) => a * b, 1);
  if (unpacked !== size) {
    throw new SyntaxError(
      `Cannot read ${path}: gzip must unpack to the ${size} bytes that it says: there are ${unpacked}; copy the file again`,
    );
  }
  return array;
}

/** Whether the file that begins with `bytes` is gzipped. */
function isZipped(bytes: Uint8Array): boolean {
  return GZIP_MAGIC.every((byte, index) => bytes[index] === byte);
}

/** What to throw for an error met in gzip, of which `path` is a file. */
function explainGzip(error: unknown, path: string): unknown {
  if (!(error instanceof TypeError)) return error;
  return new SyntaxError(
    `Cannot read ${path}: it must be whole, valid gzip: ${error.message}`,
    { cause: error },
  );
}

/** Bytes of a gzipped file of a length that the packed ones may have. */
function longestPacked(limit: number): number {
  // Gzip of what can't be packed is longer than that, by less than a thousandth.
  return limit + Math.ceil(limit / 1000) + 1000;
}

/** The images of an IDX file, wherever they lie, with the file's hash. */
export interface IdxImages extends Pick<IdxFile, "dimensions" | "sha256"> {
  images: Pixels;
}

/** Values that a file may have whose images needn't be in memory. */
const MOST_STORED = 2 ** 40;

/** Reads the images of an IDX file from `stream`, into a file where they don't fit. */
async function streamImages(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { path, limit, room }: { path: string; limit: number; room: PixelRoom },
): Promise<IdxImages> {
  let sink: PixelSink | undefined;
  let hash = hashHeader([]);
  try {
    const dimensions = await streamIdx(stream, {
      name: path,
      limit,
      target: {
        async open(dimensions) {
          const bytes = dimensions.reduce((a, b) => a * b, 1);
          const size = bytes / dimensions[0];
          sink = await openSink({ bytes, size, room });
          hash = hashHeader(dimensions);
        },
        accept(values) {
          sink?.add(values);
          hash.update(values);
        },
      },
    });
    if (!sink) throw new Error(`Cannot read ${path}: it has no header`);
    const images = sink.finish();
    return { dimensions, images, sha256: hash.digest("hex") };
  } catch (error) {
    sink?.drop();
    throw error;
  }
}

/**
 * Reads the images of the IDX file at `path` as {@linkcode readIdxFile} does. Where they
 * don't fit into `room` they stay in the file; those of a gzipped one are unpacked into
 * another.
 */
export async function readIdxImages(
  path: string,
  { limit = MAX_IDX_BYTES, room }: { limit?: number; room?: PixelRoom } = {},
): Promise<IdxImages> {
  const info = await Deno.stat(path);
  using file = info.isFile ? await Deno.open(path, { read: true }) : undefined;
  const start = new Uint8Array(2);
  await file?.read(start);
  const zipped = isZipped(start);
  // A gzipped file tells in its last bytes how long it is: it is read to know.
  if (!file || !room || (!zipped && info.size <= room.bytes)) {
    const { dimensions, values, sha256 } = await readIdxFile(path, { limit });
    return { dimensions, images: values, sha256 };
  }
  if (!zipped) {
    await file.seek(0, Deno.SeekMode.Start);
    let hash = hashHeader([]);
    const dimensions = await streamIdx(file.readable, {
      name: path,
      limit: MOST_STORED,
      target: {
        open(dimensions) {
          hash = hashHeader(dimensions);
        },
        accept: (values) => void hash.update(values),
      },
    });
    const offset = headerLength(dimensions.length);
    const [count] = dimensions;
    closeStored(path); // It may be another file than when it was read before.
    const images: Pixels = {
      files: [{ path, offset, count }],
      rows: Uint32Array.from({ length: count }, (_, row) => row),
    };
    return { dimensions, images, sha256: hash.digest("hex") };
  }
  const bytes = await readRegularFile(path, { limit: longestPacked(limit) });
  if (readUnpackedSize(bytes) <= room.bytes) {
    const { dimensions, values, sha256 } = await readIdxFile(path, { limit });
    return { dimensions, images: values, sha256 };
  }
  try {
    return await readZipped(bytes, {
      path,
      limit: MOST_STORED,
      read: (stream, most) => streamImages(stream, { path, limit: most, room }),
    });
  } catch (error) {
    throw explainGzip(error, path);
  }
}

/**
 * Reads the IDX file at `path`, plain or gzipped (told by its first bytes), of at
 * most `limit` values, 2³⁰ unless given. A gzipped file may unpack to 64 MiB, or to
 * 100 times its own length where that is more.
 *
 * Throws `Deno.errors.NotFound` where there is none, a `TypeError` where it is no
 * regular file, a `RangeError` where it is too long, and what
 * {@linkcode readIdx} throws where it is malformed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readIdxFile } from "./idx_file.ts";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeFile(path, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 5));
 * assertEquals((await readIdxFile(path)).values, Uint8Array.of(5));
 * ```
 */
export async function readIdxFile(
  path: string,
  { limit = MAX_IDX_BYTES }: { limit?: number } = {},
): Promise<IdxFile> {
  const bytes = await readRegularFile(path, { limit: longestPacked(limit) });
  const zipped = isZipped(bytes);
  try {
    const array = zipped
      ? await readZipped(bytes, {
        path,
        limit,
        read: (stream, most) => readIdx(stream, path, { limit: most }),
      })
      : await readIdx(ReadableStream.from([bytes]), path, { limit });
    return { ...array, sha256: hashIdx(array) };
  } catch (error) {
    throw zipped ? explainGzip(error, path) : error;
  }
}
