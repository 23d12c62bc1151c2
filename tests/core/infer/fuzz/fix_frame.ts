import { crc32 } from "node:zlib";

const VERSION = 1;
/** What stands for the length of a long file, whose length follows. */
const LONG = 8191;

/** Whether `bytes` say that they are of version 4, which has a frame of its own. */
const isOfIntegers = (bytes: Uint8Array) =>
  bytes.length >= 4 && bytes[1] >> 5 === 4;

/** The three bytes behind the magic, of version 4. */
const integerWord = (bytes: Uint8Array) =>
  4 << 21 | crc32(bytes.subarray(4)) >>> 11;

/** Whether the checksum of `bytes` is right, at their end or, of version 4, at their beginning. */
export function hasRightChecksum(bytes: Uint8Array<ArrayBuffer>): boolean {
  const view = new DataView(bytes.buffer);
  if (isOfIntegers(bytes)) {
    return (view.getUint32(0) & 0xffffff) === integerWord(bytes);
  }
  const at = bytes.length - 4;
  return at >= 0 && crc32(bytes.subarray(0, at)) === view.getUint32(at);
}

/** Makes the checksum of `bytes` right, in place. */
export function fixChecksum(bytes: Uint8Array<ArrayBuffer>): void {
  const view = new DataView(bytes.buffer);
  const end = bytes.length - 4;
  if (isOfIntegers(bytes)) {
    view.setUint32(0, bytes[0] << 24 | integerWord(bytes));
  } else if (end >= 0) {
    view.setUint32(end, crc32(bytes.subarray(0, end)));
  }
}

/** Makes magic, version but for 4, length and checksum right, in place. */
export function fixFrame(bytes: Uint8Array<ArrayBuffer>): void {
  const { length } = bytes;
  if (length < 7) return;
  const view = new DataView(bytes.buffer);
  bytes[0] = 0xd7;
  if (!isOfIntegers(bytes)) {
    view.setUint16(1, VERSION << 13 | Math.min(length, LONG));
    if (length >= LONG) view.setUint32(3, length);
  }
  fixChecksum(bytes);
}
