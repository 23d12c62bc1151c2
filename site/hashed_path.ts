/** Digits of the hash in a file's name: 32 bits tell the files of one site apart. */
const DIGITS = 8;

/**
 * The path on the site of a file that never changes, by its SHA-256:
 * `/FOLDER/NAME.HASH8.ENDING`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sha256Hex } from "../core/data/formats/idx_file.ts";
 * import { hashedPath } from "./hashed_path.ts";
 *
 * const hash = await sha256Hex(new Uint8Array());
 * assertEquals(hashedPath("models/empty.dram", hash), "/models/empty.e3b0c442.dram");
 * ```
 */
export function hashedPath(path: string, sha256: string): string {
  return `/${path.replace(/\.(\w+)$/, `.${sha256.slice(0, DIGITS)}.$1`)}`;
}
