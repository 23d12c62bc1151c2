import type { Place } from "./format.ts";

/** What is in a folder, one thing after another. Links count as what they lead to; one that leads nowhere is left out. */
export async function* readEntries(
  path: string,
): AsyncGenerator<NonNullable<Place["entries"]>[number]> {
  for await (const entry of Deno.readDir(path)) {
    if (!entry.isSymlink) {
      yield entry;
      continue;
    }
    const target = await Deno.stat(`${path}/${entry.name}`)
      .catch(() => undefined);
    if (target) {
      const { isFile, isDirectory } = target;
      yield { name: entry.name, isFile, isDirectory };
    }
  }
}

/**
 * What lies at `path`: a file, or a folder with what is in it, as {@linkcode readEntries}
 * gives it.
 *
 * Throws `Deno.errors.NotFound` where there is nothing.
 */
export async function listPlace(path: string): Promise<Place> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      `Cannot load a dataset from ${path}: there is no such folder; check the path`,
    );
  }
  if (!info.isDirectory) return { path };
  const entries = [];
  for await (const entry of readEntries(path)) entries.push(entry);
  return { path, entries };
}
