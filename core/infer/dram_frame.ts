import { crc32 } from "./crc32.ts";
import { MAGIC } from "./dram_magic.ts";

/**
 * Versions of the format: 2 has layers that hold layers, 3 windows of any
 * extent and activations but relu besides, 4 models of integers. Each is
 * written where a model has such.
 */
export type DramVersion = 1 | 2 | 3 | 4;

/** Bytes of the checksum that ends a file. */
const CHECKSUM_BYTES = 4;

/** Bits of the checksum of a file of version 4, the highest of a CRC-32 of its stream. */
const CHECK_BITS = 21;

/** Lengths below this are stored in 13 bits; this says that 32 bits follow. */
const LONG = 8191;

function refuse(rule: string): never {
  throw new SyntaxError(`Cannot read a .dram: ${rule}`);
}

/**
 * The file around a stream: magic; version in 3 bits and the file's length in 13,
 * or in 32 more; the stream; the CRC-32 of all before it. High bytes come first. Of
 * version 4: magic; version in 3 bits and the checksum in 21; the stream.
 */
export function frameStream(
  stream: Uint8Array,
  version: DramVersion,
): Uint8Array<ArrayBuffer> {
  if (version === 4) {
    const word = version << CHECK_BITS | crc32(stream) >>> 32 - CHECK_BITS;
    const bytes = new Uint8Array(4 + stream.length);
    new DataView(bytes.buffer).setUint32(0, word);
    bytes[0] = MAGIC;
    bytes.set(stream, 4);
    return bytes;
  }
  const short = 3 + stream.length + CHECKSUM_BYTES;
  const start = short < LONG ? 3 : 7;
  const bytes = new Uint8Array(start + stream.length + CHECKSUM_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = MAGIC;
  view.setUint16(1, version << 13 | Math.min(bytes.length, LONG));
  if (start > 3) view.setUint32(3, bytes.length);
  bytes.set(stream, start);
  const end = bytes.length - CHECKSUM_BYTES;
  view.setUint32(end, crc32(bytes.subarray(0, end)));
  return bytes;
}

/**
 * The stream of a file, and its version. Throws a `SyntaxError` where the magic is another, the
 * version newer, bytes are missing or left over, or the checksum differs.
 */
export function unframeStream(
  bytes: Uint8Array,
): { version: DramVersion; stream: Uint8Array } {
  if (bytes.length === 0) refuse("it is empty");
  if (bytes[0] !== MAGIC) {
    refuse(
      `it must begin with byte 0x${MAGIC.toString(16)}: it begins with 0x${
        bytes[0].toString(16).padStart(2, "0")
      }; is it another kind of file?`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 3) refuse("it is cut short: it has no length");
  const word = view.getUint16(1);
  const version = word >> 13;
  if (version === 4) {
    if (bytes.length < 4) refuse("it is cut short: it has no checksum");
    const stream = bytes.subarray(4);
    const check = (word << 8 | bytes[3]) & 2 ** CHECK_BITS - 1;
    if (crc32(stream) >>> 32 - CHECK_BITS !== check) {
      refuse("its checksum differs: it is damaged, cut short or too long");
    }
    return { version, stream };
  }
  if (version !== 1 && version !== 2 && version !== 3) {
    refuse(
      `it is of version ${version}: this reader knows versions 1 to 4; use a newer one`,
    );
  }
  const isLong = (word & LONG) === LONG;
  if (isLong && bytes.length < 7) refuse("it is cut short: it has no length");
  const length = isLong ? view.getUint32(3) : word & LONG;
  if (bytes.length < length) {
    refuse(
      `it is cut short: it must have ${length} bytes: it has ${bytes.length}`,
    );
  }
  if (bytes.length > length) {
    refuse(
      `it must end after ${length} bytes: ${bytes.length - length} more follow`,
    );
  }
  const start = isLong ? 7 : 3;
  const end = length - CHECKSUM_BYTES;
  if (end < start) refuse(`it is cut short: it has ${length} bytes`);
  if (crc32(bytes.subarray(0, end)) !== view.getUint32(end)) {
    refuse("its checksum differs: it is damaged");
  }
  return { version, stream: bytes.subarray(start, end) };
}
