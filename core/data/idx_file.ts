import { type IdxArray, readIdx } from "./idx.ts";

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

/** The IDX file's bytes again, from what {@linkcode readIdx} made of it. */
function encodeIdx({ dimensions, values }: IdxArray): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * dimensions.length + values.length);
  bytes.set([0, 0, 8, dimensions.length]);
  const view = new DataView(bytes.buffer);
  dimensions.forEach((extent, axis) => view.setUint32(4 + 4 * axis, extent));
  bytes.set(values, 4 + 4 * dimensions.length);
  return bytes;
}

/**
 * Reads the IDX file at `path`, plain or gzipped (told by its first bytes).
 *
 * Throws `Deno.errors.NotFound` where there is none, and what
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
export async function readIdxFile(path: string): Promise<IdxFile> {
  const start = new Uint8Array(2);
  {
    using file = await Deno.open(path);
    await file.read(start);
  }
  const zipped = GZIP_MAGIC.every((byte, index) => start[index] === byte);
  const file = await Deno.open(path);
  const stream = zipped
    ? file.readable.pipeThrough(new DecompressionStream("gzip"))
    : file.readable;
  try {
    const array = await readIdx(stream, path);
    return { ...array, sha256: await sha256Hex(encodeIdx(array)) };
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
