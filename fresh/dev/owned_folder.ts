import { join } from "@std/path";

/** Whose lock says that a folder is in use; what runs from it holds it as well. */
export const OWNER_LOCK = "in-use.lock";

/** A new folder of this process, in use until it is disposed of. */
export interface OwnedFolder extends Disposable {
  path: string;
}

/** Where owned folders lie, and how their names begin. */
export interface Place {
  dir: string;
  prefix: string;
}

/**
 * Makes a folder in `dir`. While this process lives, and has not disposed of it,
 * {@linkcode removeOwnerless} leaves it alone.
 */
export async function makeOwnedFolder(place: Place): Promise<OwnedFolder> {
  await Deno.mkdir(place.dir, { recursive: true });
  const path = await Deno.makeTempDir(place);
  const lock = await Deno.open(join(path, OWNER_LOCK), {
    create: true,
    write: true,
  });
  await lock.lock(true);
  return { path, [Symbol.dispose]: () => lock.close() };
}

/** What to leave alone, though nobody holds it. */
export interface Leave {
  /** Name of a folder that is to stay. */
  keep?: string;
  /** Age in milliseconds below which a folder's maker may be about to lock it. */
  youngMs?: number;
}

/** Whether some process uses a folder. */
async function isInUse(path: string): Promise<boolean> {
  try {
    using lock = await Deno.open(join(path, OWNER_LOCK), { write: true });
    return !await lock.tryLock(true);
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound); // else it is another's
  }
}

async function ageOf(path: string): Promise<number> {
  const { mtime } = await Deno.stat(path);
  return Date.now() - (mtime?.getTime() ?? 0);
}

/**
 * Removes what ended processes have left in `dir`: folders whose names begin with
 * `prefix` and that nobody uses any more. Those of other people stay.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeOwnedFolder, removeOwnerless } from "./owned_folder.ts";
 *
 * const place = { dir: await Deno.makeTempDir(), prefix: "build-" };
 * const folder = await makeOwnedFolder(place);
 * await removeOwnerless(place, { youngMs: 0 });
 * assertEquals([...Deno.readDirSync(place.dir)].length, 1);
 * folder[Symbol.dispose]();
 * await removeOwnerless(place, { youngMs: 0 });
 * assertEquals([...Deno.readDirSync(place.dir)].length, 0);
 * ```
 */
export async function removeOwnerless(
  { dir, prefix }: Place,
  { keep, youngMs = 60_000 }: Leave = {},
): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    if (!isDirectory || !name.startsWith(prefix) || name === keep) continue;
    const path = join(dir, name);
    try {
      if (await ageOf(path) < youngMs || await isInUse(path)) continue;
      await Deno.remove(path, { recursive: true });
    } catch {
      // Another process was faster, or it isn't ours to remove.
    }
  }
}
