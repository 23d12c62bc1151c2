import { Buffer } from "node:buffer";
import { inflateSync } from "node:zlib";
import { crc32 } from "../../../core/infer/crc32.ts";

/** The colour of each pixel of a PNG of 4 bits without filters, an index into its palette. */
export function readPng(bytes: Uint8Array): {
  width: number;
  height: number;
  pixels: number[];
  palette: number[][];
} {
  const file = Buffer.from(bytes);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    const named = file.subarray(at + 4, at + 8 + length);
    if (file.readUInt32BE(at + 8 + length) !== crc32(named)) {
      throw new SyntaxError("Cannot read a PNG: a checksum differs");
    }
    chunks.set(named.toString("latin1", 0, 4), named.subarray(4));
    at += 12 + length;
  }
  const part = (name: string) => chunks.get(name) ?? Buffer.alloc(0);
  const [width, height] = [0, 4].map((at) => part("IHDR").readUInt32BE(at));
  const rows = inflateSync(part("IDAT"));
  const stride = 1 + Math.ceil(width / 2);
  const pixels = Array.from({ length: width * height }, (_, i) => {
    const column = i % width;
    const byte = rows[Math.floor(i / width) * stride + 1 + (column >> 1)];
    return column % 2 === 0 ? byte >> 4 : byte & 15;
  });
  const palette = [...part("tRNS")].map((alpha, i) => [
    ...part("PLTE").subarray(3 * i, 3 * i + 3),
    alpha,
  ]);
  return { width, height, pixels, palette };
}
