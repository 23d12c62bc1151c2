import { dirname } from "node:path";
import { parseJsonObject } from "../core/files/json.ts";
import { writeAllAtomically } from "../core/files/write_atomically.ts";
import type { SiteFile } from "./make_site.ts";

/** Where files of a site lie, and how the names of those end that a site may remove. */
const FOLDERS: Record<string, RegExp> = {
  models: /\.[0-9a-f]{8}\.dram$/,
  samples: /\.[0-9a-f]{8}\.bin$/,
  data: /\.json$/,
};

/** Whether a site lies in `out`, as {@linkcode writeSite} leaves one. */
export async function isSite(out: string): Promise<boolean> {
  const path = `${out}/data/models.json`;
  try {
    const index = parseJsonObject(await Deno.readTextFile(path), path);
    return Array.isArray(index.models) && Array.isArray(index.made);
  } catch {
    return false; // None that could be read.
  }
}

/** Files in the folders of a site in `out` that `kept` doesn't name. */
async function findStale(out: string, kept: Set<string>): Promise<string[]> {
  const stale: string[] = [];
  for (const [folder, ending] of Object.entries(FOLDERS)) {
    for await (const { name, isFile } of Deno.readDir(`${out}/${folder}`)) {
      const path = `${folder}/${name}`;
      if (isFile && ending.test(name) && !kept.has(path)) stale.push(path);
    }
  }
  return stale.sort();
}

/**
 * Writes `files` into the folder `out`, each whole or not at all, then removes what
 * earlier sites have left in its folders `models`, `samples` and `data`. Returns
 * the paths below `out` of what was removed.
 *
 * Throws what the file system throws, and an `Error` where the disk is full.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeSite } from "./write_site.ts";
 *
 * const out = await Deno.makeTempDir();
 * await writeSite(out, [["models/old.00000000.dram", "0"], ["data/models.json", "[0]"]]);
 * const removed = await writeSite(out, [["models/new.00000001.dram", "1"], ["data/models.json", "[1]"]]);
 * assertEquals(removed, ["models/old.00000000.dram"]);
 * ```
 */
export async function writeSite(
  out: string,
  files: readonly SiteFile[],
): Promise<string[]> {
  const folders = [
    ...Object.keys(FOLDERS),
    ...files.map(([path]) => dirname(path)),
  ];
  for (const folder of new Set(folders)) {
    await Deno.mkdir(`${out}/${folder}`, { recursive: true });
  }
  await writeAllAtomically(
    files.map(([path, content]) => [`${out}/${path}`, content] as const),
  );
  const stale = await findStale(out, new Set(files.map(([path]) => path)));
  for (const path of stale) await Deno.remove(`${out}/${path}`);
  return stale;
}
