import { explainFullDisk } from "./explain_full_disk.ts";

/**
 * Replaces the file at `path` by `content`, whole or not at all: writes beside
 * it, flushes to the disk, then renames. A reader, or a crash at any moment,
 * meets either the old file or the new one.
 *
 * Throws what the file system throws, and an `Error` that names `path` where the
 * disk is full; the file at `path` then is as it was, and nothing is left beside
 * it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeAtomically } from "./write_atomically.ts";
 *
 * const path = `${await Deno.makeTempDir()}/answer`;
 * await writeAtomically(path, "42");
 * assertEquals(await Deno.readTextFile(path), "42");
 * ```
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array | (string | Uint8Array)[],
): Promise<void> {
  const beside = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    {
      using file = await Deno.open(beside, { write: true, createNew: true });
      for (const part of Array.isArray(content) ? content : [content]) {
        const bytes = typeof part === "string"
          ? new TextEncoder().encode(part)
          : part;
        for (let start = 0; start < bytes.length;) {
          start += await file.write(bytes.subarray(start));
        }
      }
      await file.sync();
    }
    await Deno.rename(beside, path);
  } catch (error) {
    await Deno.remove(beside).catch(() => {});
    throw explainFullDisk(error, path);
  }
}
