import { basename, dirname, join } from "node:path";
import { isStillAt, removeLeftovers } from "./temporary_file.ts";

const LOCK = ".retort-lock";

/** Another command is writing what was to be claimed. */
export class ClaimedError extends Error {
  override name = "ClaimedError";
}

/** The process that a lock file names, in words. */
async function describeHolder(lock: string): Promise<string> {
  const text = await Deno.readTextFile(lock).catch(() => "");
  return /^\d+$/.test(text) ? `process ${text}` : "another process";
}

/** Tells others who holds the lock; a full disk is no reason not to go on. */
async function nameHolder(file: Deno.FsFile): Promise<void> {
  try {
    await file.truncate();
    await file.write(new TextEncoder().encode(`${Deno.pid}`));
  } catch {
    // They will be told of "another process".
  }
}

/** Takes the lock at `lock`, for what lies at `path`, or throws a {@linkcode ClaimedError}. */
async function takeLock(lock: string, path: string): Promise<Disposable> {
  while (true) {
    const file = await Deno.open(lock, { create: true, write: true });
    if (!await file.tryLock(true)) {
      file.close();
      throw new ClaimedError(
        `Cannot write ${path}: only one command may at a time: ${await describeHolder(
          lock,
        )} is writing it; wait for that to end, or name another`,
      );
    }
    // The one before may have removed it between the opening and the locking.
    if (!isStillAt(lock, file)) {
      file.close();
      continue;
    }
    await nameHolder(file);
    return {
      [Symbol.dispose]() {
        try {
          Deno.removeSync(lock);
        } catch {
          // Where it can't be removed, the next command takes it as it is.
        }
        file.close();
      },
    };
  }
}

/**
 * Claims the folder at `folder`, which is made where there is none, for one
 * command to write in, until disposed of; a process that ends, however that
 * happens, holds no claim. What killed commands have left unfinished in it, and
 * in the folders right below it, is removed (see {@linkcode removeLeftovers}).
 *
 * The folder must stay in its place meanwhile: one that is to be swapped for
 * another by its name is claimed by {@linkcode claimPath}.
 *
 * Throws a {@linkcode ClaimedError} where another command holds it, and what the
 * file system throws.
 *
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { ClaimedError, claimFolder } from "./claim_folder.ts";
 *
 * const folder = `${await Deno.makeTempDir()}/model`;
 * {
 *   using _claim = await claimFolder(folder);
 *   await assertRejects(() => claimFolder(folder), ClaimedError, "wait for that to end");
 * }
 * assertEquals([...Deno.readDirSync(folder)], []);
 * ```
 */
export async function claimFolder(folder: string): Promise<Disposable> {
  await Deno.mkdir(folder, { recursive: true });
  const claim = await takeLock(join(folder, LOCK), folder);
  try {
    await removeLeftovers(folder);
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) {
        await removeLeftovers(join(folder, name)).catch(() => {});
      }
    }
    return claim;
  } catch (error) {
    claim[Symbol.dispose]();
    throw error;
  }
}

/**
 * Claims the name `path`, of a file or of a folder to be swapped, as
 * {@linkcode claimFolder} claims a folder: the lock lies beside it. The folder
 * that it is in is made; unfinished files that killed commands have left beside
 * it, under its name without the extension, are removed.
 *
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { ClaimedError, claimPath } from "./claim_folder.ts";
 *
 * const folder = await Deno.makeTempDir();
 * {
 *   using _claim = await claimPath(`${folder}/small.dram`);
 *   using _other = await claimPath(`${folder}/large.dram`);
 *   await assertRejects(() => claimPath(`${folder}/small.dram`), ClaimedError);
 * }
 * assertEquals([...Deno.readDirSync(folder)], []);
 * ```
 */
export async function claimPath(path: string): Promise<Disposable> {
  const [folder, name] = [dirname(path), basename(path)];
  await Deno.mkdir(folder, { recursive: true });
  const claim = await takeLock(join(folder, `.${name}${LOCK}`), path);
  try {
    await removeLeftovers(folder, { stem: name.replace(/\.[^.]*$/, "") });
    return claim;
  } catch (error) {
    claim[Symbol.dispose]();
    throw error;
  }
}
