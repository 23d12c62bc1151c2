import { createHash } from "node:crypto";
import { readRegularFile } from "../../files/read_regular_file.ts";
import { headerLength, type IdxArray, MAX_IDX_BYTES, readIdx } from "./idx.ts";

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

/** SHA-256 of the IDX file that holds this, in hexadecimal. */
function hashIdx({ dimensions, values }: IdxArray): string {
  const header = new Uint8Array(headerLength(dimensions.length));
  header.set([0, 0, 8, dimensions.length]);
  const view = new DataView(header.buffer);
  dimensions.forEach((extent, axis) => view.setUint32(4 + 4 * axis, extent));
  return createHash("sha256").update(header).update(values).digest("hex");
}

/** `bytes` in pieces: each is unpacked whole, to a thousand times its length at the most. */
function* cutPieces(bytes: Uint8Array<ArrayBuffer>) {
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    yield bytes.subarray(from, from + PIECE_BYTES);
  }
}

/** Unpacks and reads a gzipped IDX file, as far as its header and `limit` say. */
async function readZipped(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
  limit: number,
): Promise<IdxArray> {
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
  const array = await readIdx(stream, path, { limit: most });
  const unpacked = headerLength(array.dimensions.length) + array.values.length;
  if (unpacked !== size) {
    throw new SyntaxError(
      `Cannot read ${path}: gzip must unpack to the ${size} bytes that it says: there are ${unpacked}; copy the file again`,
    );
  }
  return array;
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
  // Gzip of what can't be packed is longer than that, by less than a thousandth.
  const longest = limit + Math.ceil(limit / 1000) + 1000;
  const bytes = await readRegularFile(path, { limit: longest });
  const zipped = GZIP_MAGIC.every((byte, index) => bytes[index] === byte);
  try {
    const array = zipped
      ? await readZipped(bytes, path, limit)
      : await readIdx(ReadableStream.from([bytes]), path, { limit });
    return { ...array, sha256: hashIdx(array) };
  } catch (error) {
    if (zipped && error instanceof TypeError) {
      throw new SyntaxError(
        `Cannot read ${path}: it must be whole, valid gzip: ${error.message}`,
        { cause: error },
      );
    }
    throw error;
  }
}
