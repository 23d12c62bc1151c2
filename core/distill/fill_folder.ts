import { openLock, waitForLock } from "../files/wait_for_lock.ts";

const UNFINISHED = ".new";

async function removeFolder(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(() => {});
}

/** Removes what processes that were killed have left unfinished in `cache`. */
async function removeAbandoned(cache: string): Promise<void> {
  for await (const { name } of Deno.readDir(cache)) {
    if (!name.endsWith(UNFINISHED)) continue;
    const unfinished = `${cache}/${name}`;
    using lock = await openLock(unfinished.slice(0, -UNFINISHED.length));
    if (await lock.tryLock(true)) await removeFolder(unfinished);
  }
}

/** How {@linkcode fillFolder} fills a folder. */
export interface FillOptions {
  /** Writes all that belongs into the folder, which is there and empty. */
  write: (folder: string) => Promise<void>;
  /** Whether the folder holds all that belongs into it. */
  isWhole: (folder: string) => Promise<boolean>;
  /** Stops waiting for another process when aborted. */
  signal?: AbortSignal;
}

/**
 * Fills a new folder by `write`, then gives it the name `name` in `cache`, in
 * place of a damaged one that has it: whole or not at all. One that is whole
 * stays as it is. Only one process at a time fills a name: the others wait, and
 * then find the folder whole. A folder that a killed process has left unfinished
 * is removed by the next call; one that a living process is filling is left
 * alone. The lock, an empty file, stays beside the folder.
 *
 * Throws what `write` or the file system throws; no folder is left then.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fillFolder } from "./fill_folder.ts";
 *
 * const cache = await Deno.makeTempDir();
 * await fillFolder(cache, "answers", {
 *   write: (folder) => Deno.writeTextFile(`${folder}/one`, "42"),
 *   isWhole: () => Promise.resolve(false),
 * });
 * assertEquals(await Deno.readTextFile(`${cache}/answers/one`), "42");
 * ```
 */
export async function fillFolder(
  cache: string,
  name: string,
  { write, isWhole, signal }: FillOptions,
): Promise<void> {
  await Deno.mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  const folder = `${cache}/${name}`;
  using _lock = await waitForLock(folder, signal);
  if (await isWhole(folder)) return;
  const unfinished = folder + UNFINISHED;
  try {
    await removeFolder(unfinished);
    await Deno.mkdir(unfinished);
    await write(unfinished);
    await removeFolder(folder);
    await Deno.rename(unfinished, folder);
  } finally {
    await removeFolder(unfinished);
  }
}
