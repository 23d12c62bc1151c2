import type { Place } from "./format.ts";

/**
 * What lies at `path`: a file, or a folder with what is in it. Links count as what they
 * lead to; one that leads nowhere is left out.
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
  for await (const entry of Deno.readDir(path)) {
    if (!entry.isSymlink) {
      entries.push(entry);
      continue;
    }
    const target = await Deno.stat(`${path}/${entry.name}`)
      .catch(() => undefined);
    if (target) {
      const { isFile, isDirectory } = target;
      entries.push({ name: entry.name, isFile, isDirectory });
    }
  }
  return { path, entries };
}
