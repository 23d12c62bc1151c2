import { explainFullDisk } from "./explain_full_disk.ts";
import { openTemporary, type TemporaryFile } from "./temporary_file.ts";

/** What a file holds: text or bytes, in one or more parts. */
type Content = string | Uint8Array | (string | Uint8Array)[];

/** Writes `content` to `file` and flushes it to the disk. */
async function fill({ file }: TemporaryFile, content: Content): Promise<void> {
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

/** Throws what it is given, or that the disk of `path` is full. */
function explainFor(path: string) {
  return (error: unknown): never => {
    throw explainFullDisk(error, path);
  };
}

/** Removes the file at `path`, if there is one. */
async function removeFile(path: string): Promise<void> {
  try {
    if ((await Deno.lstat(path)).isDirectory) return; // told when it is renamed to
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Replaces files that belong together, each given by path and content: writes
 * all of them beside the old ones, flushes them to the disk, then renames them
 * in the order given. Nothing is replaced before everything is written.
 *
 * The last one vouches for the others: of several the old one is removed first,
 * so that a kill at any moment leaves the old files, or the new ones, or none of
 * that name, and never one beside others that it doesn't belong to.
 *
 * Throws what the file system throws, and an `Error` that names the file where
 * the disk is full; where one couldn't be written the old files then are as they
 * were, and nothing is left beside them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeAllAtomically } from "./write_atomically.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await writeAllAtomically([[`${folder}/question`, "6 × 7"], [`${folder}/answer`, "42"]]);
 * assertEquals(await Deno.readTextFile(`${folder}/answer`), "42");
 * ```
 */
export async function writeAllAtomically(
  files: readonly (readonly [path: string, content: Content])[],
): Promise<void> {
  const written: { path: string; temporary: TemporaryFile }[] = [];
  try {
    for (const [path, content] of files) {
      try {
        const temporary = openTemporary(path);
        written.push({ path, temporary });
        await fill(temporary, content);
      } catch (error) {
        throw explainFullDisk(error, path);
      }
    }
    const last = written.at(-1);
    if (last && written.length > 1) await removeFile(last.path);
    for (const { path, temporary } of written) {
      await Deno.rename(temporary.path, path).catch(explainFor(path));
    }
  } catch (error) {
    for (const { temporary } of written) {
      await Deno.remove(temporary.path).catch(() => {});
    }
    throw error;
  } finally {
    for (const { temporary } of written) temporary[Symbol.dispose]();
  }
}

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
  content: Content,
): Promise<void> {
  await writeAllAtomically([[path, content]]);
}
