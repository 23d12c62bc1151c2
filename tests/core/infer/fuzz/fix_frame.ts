import { crc32 } from "node:zlib";

const VERSION = 1;
/** What stands for the length of a long file, whose length follows. */
const LONG = 8191;

/** Makes the checksum that `bytes` end in right, in place. */
export function fixChecksum(bytes: Uint8Array<ArrayBuffer>): void {
  const end = bytes.length - 4;
  if (end < 0) return;
  new DataView(bytes.buffer).setUint32(end, crc32(bytes.subarray(0, end)));
}

/** Makes magic, version, length and checksum right, in place. */
export function fixFrame(bytes: Uint8Array<ArrayBuffer>): void {
  const { length } = bytes;
  if (length < 7) return;
  const view = new DataView(bytes.buffer);
  bytes[0] = 0xd7;
  view.setUint16(1, VERSION << 13 | Math.min(length, LONG));
  if (length >= LONG) view.setUint32(3, length);
  fixChecksum(bytes);
}
