import { crc32 } from "node:zlib";
import { parseJsonObject } from "./json.ts";

/**
 * The CRC-32 of `bytes`, as in gzip and PNG, or of what has the checksum `before`
 * followed by them: finds every run of up to 32 wrong bits, and all but one in 2³² of other
 * damage, faster than memory gives the bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checksum } from "./checksum.ts";
 *
 * const bytes = new TextEncoder().encode("123456789");
 * assertEquals(checksum(bytes), 0xcbf43926);
 * assertEquals(checksum(bytes.subarray(4), checksum(bytes.subarray(0, 4))), 0xcbf43926);
 * ```
 */
export function checksum(bytes: Uint8Array, before = 0): number {
  return crc32(bytes, before);
}

const SEAL_BYTES = 4;

/** What errors say of a file whose checksum is another. */
function refuse(source: string): never {
  throw new SyntaxError(
    `Cannot read ${source}: it must be what was written: its checksum is another`,
  );
}

/**
 * The checksum of `parts`, one after another, to be written behind them: four bytes,
 * little-endian.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sealOf, unseal } from "./checksum.ts";
 *
 * const bytes = Uint8Array.of(1, 2, 3);
 * const file = Uint8Array.of(...bytes, ...sealOf([bytes]));
 * assertEquals(unseal(file, "file"), bytes);
 * ```
 */
export function sealOf(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const seal = new Uint8Array(SEAL_BYTES);
  const sum = parts.reduce((before, part) => checksum(part, before), 0);
  new DataView(seal.buffer).setUint32(0, sum, true);
  return seal;
}

/**
 * `file` without the seal that {@linkcode sealOf} has put behind it; `source` is what
 * errors call it. Throws a `SyntaxError` where a byte of it has changed.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { unseal } from "./checksum.ts";
 *
 * assertThrows(() => unseal(Uint8Array.of(1, 2, 3, 4, 5), "file"), SyntaxError, "file");
 * ```
 */
export function unseal(
  file: Uint8Array<ArrayBuffer>,
  source: string,
): Uint8Array<ArrayBuffer> {
  if (file.length < SEAL_BYTES) refuse(source);
  const content = file.subarray(0, -SEAL_BYTES);
  const found = file.subarray(-SEAL_BYTES);
  if (sealOf([content]).some((byte, i) => byte !== found[i])) refuse(source);
  return content;
}

function writeRecord(record: object): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/**
 * `record`, plain data, as JSON with its own checksum in it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSealedJson, sealJson } from "./checksum.ts";
 *
 * assertEquals(parseSealedJson(sealJson({ width: 3 }), "index"), { width: 3 });
 * ```
 */
export function sealJson(record: object): string {
  const bytes = new TextEncoder().encode(writeRecord(record));
  return writeRecord({ ...record, crc32: checksum(bytes) });
}

/**
 * The record that {@linkcode sealJson} has written; `source` is what errors call it.
 * Throws a `SyntaxError` where a character of the text has changed.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { parseSealedJson, sealJson } from "./checksum.ts";
 *
 * const changed = sealJson({ width: 3 }).replace("3", "4");
 * assertThrows(() => parseSealedJson(changed, "index"), SyntaxError, "index");
 * ```
 */
export function parseSealedJson(
  text: string,
  source: string,
): Record<string, unknown> {
  const { crc32: _, ...record } = parseJsonObject(text, source);
  // Its own form to the last space, so that no change at all goes unseen.
  if (sealJson(record) !== text) refuse(source);
  return record;
}
