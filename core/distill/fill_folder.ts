const PREFIX = ".new-";
const LOCK = ".lock";

/** Removes the folder at `path` and its lock, as far as they are there. */
async function removeFolder(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(() => {});
  await Deno.remove(path + LOCK).catch(() => {});
}

/** Removes what processes that were killed have left unfinished in `cache`. */
async function removeAbandoned(cache: string): Promise<void> {
  for await (const { name } of Deno.readDir(cache)) {
    if (!name.startsWith(PREFIX) || !name.endsWith(LOCK)) continue;
    const lock = `${cache}/${name}`;
    try {
      using file = await Deno.open(lock, { write: true });
      if (!await file.tryLock(true)) continue;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw error;
    }
    await removeFolder(lock.slice(0, -LOCK.length));
  }
}

/**
 * Fills a new folder by `write`, then gives it the name `name` in `cache`, in
 * place of one that has it: whole or not at all. A folder that a killed process
 * has left unfinished is removed by the next call; one that a living process is
 * filling is left alone.
 *
 * Throws what `write` or the file system throws; nothing is left then.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fillFolder } from "./fill_folder.ts";
 *
 * const cache = await Deno.makeTempDir();
 * await fillFolder(cache, "answers", (folder) => Deno.writeTextFile(`${folder}/one`, "42"));
 * assertEquals(await Deno.readTextFile(`${cache}/answers/one`), "42");
 * ```
 */
export async function fillFolder(
  cache: string,
  name: string,
  write: (folder: string) => Promise<void>,
): Promise<void> {
  await Deno.mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  const unfinished = `${cache}/${PREFIX}${crypto.randomUUID()}`;
  using lock = await Deno.open(unfinished + LOCK, {
    write: true,
    createNew: true,
  });
  await lock.lock(true);
  try {
    await Deno.mkdir(unfinished);
    await write(unfinished);
    await Deno.remove(`${cache}/${name}`, { recursive: true }).catch(() => {});
    await Deno.rename(unfinished, `${cache}/${name}`);
  } finally {
    await removeFolder(unfinished);
  }
}
