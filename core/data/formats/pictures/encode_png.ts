import { crc32, deflateSync } from "node:zlib";
import type { Picture } from "./picture.ts";

function makeChunk(kind: string, data: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + data.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set(new TextEncoder().encode(kind), 4);
  chunk.set(data, 8);
  view.setUint32(8 + data.length, crc32(chunk.subarray(4, 8 + data.length)));
  return chunk;
}

/**
 * `picture` as a PNG of 8 bits, grey or colours, without filters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodePng } from "./encode_png.ts";
 *
 * const png = encodePng({ shape: [1, 1, 3], pixels: Uint8Array.of(255, 0, 0) });
 * assertEquals(new TextDecoder().decode(png.subarray(1, 4)), "PNG");
 * ```
 */
export function encodePng(
  { shape: [height, width, channels], pixels }: Picture,
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 3 ? 2 : 0], 8);
  const line = width * channels;
  const lines = new Uint8Array(height * (1 + line));
  for (let y = 0; y < height; y++) {
    lines.set(pixels.subarray(y * line, (y + 1) * line), y * (1 + line) + 1);
  }
  const chunks = [
    Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
    makeChunk("IHDR", header),
    makeChunk("IDAT", deflateSync(lines)),
    makeChunk("IEND", new Uint8Array(0)),
  ];
  const bytes = new Uint8Array(
    chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  );
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
