import { basename, dirname, join } from "node:path";
import { isStillAt, removeLeftovers } from "./temporary_file.ts";

const LOCK = ".retort-lock";

/** Another command is writing what was to be claimed. */
export class ClaimedError extends Error {
  override name = "ClaimedError";
}

/** The sole right to write somewhere, until disposed of. */
export interface Claim extends Disposable {
  /** Whether the last to have it was a command of the same name, which was killed. */
  continues: boolean;
}

/** Who is to have a claim. */
export interface ClaimOptions {
  /** Name of the command, which others are told. */
  command: string;
  /**
   * Throws where the command may not begin, though nobody else has the claim; told
   * whether it {@linkcode Claim.continues}. A kill meanwhile has begun nothing.
   */
  check?: (continues: boolean) => Promise<void>;
}

/** Its first line alone counts: after a kill the rest may be of the one before. */
const HOLDER = /^(\d+) ([\w-]+)$/m;

/** Process and command that a lock file names. */
async function readHolder(lock: string): Promise<[string, string] | undefined> {
  const text = await Deno.readTextFile(lock).catch(() => "");
  const [, pid, command] = HOLDER.exec(text) ?? [];
  return command === undefined ? undefined : [pid, command];
}

/**
 * Tells others who holds the lock; a full disk is no reason not to go on. At no moment
 * does it name nobody, or a command that a killed one has begun couldn't be gone on with.
 */
async function nameHolder(file: Deno.FsFile, command: string): Promise<void> {
  try {
    const text = new TextEncoder().encode(`${Deno.pid} ${command}\n`);
    await file.write(text);
    await file.truncate(text.length);
  } catch {
    // They will be told of "another process".
  }
}

/** Takes the lock at `lock`, for what lies at `path`, or throws a {@linkcode ClaimedError}. */
async function takeLock(
  lock: string,
  path: string,
  { command, check }: ClaimOptions,
): Promise<Claim> {
  while (true) {
    const file = await Deno.open(lock, { create: true, write: true });
    if (!await file.tryLock(true)) {
      file.close();
      const holder = await readHolder(lock);
      throw new ClaimedError(
        `Cannot write ${path}: only one command may at a time: ${
          holder ? `${holder[1]} (process ${holder[0]})` : "another process"
        } is writing it; wait for that to end, or name another`,
      );
    }
    // The one before may have removed it between the opening and the locking.
    if (!isStillAt(lock, file)) {
      file.close();
      continue;
    }
    // It is left by those who were killed alone.
    const before = await readHolder(lock);
    const claim: Claim = {
      continues: before?.[1] === command,
      [Symbol.dispose]() {
        try {
          Deno.removeSync(lock);
        } catch {
          // Where it can't be removed, the next command takes it as it is.
        }
        file.close();
      },
    };
    try {
      await check?.(claim.continues);
    } catch (error) {
      // One that was killed there may still go on.
      if (before) file.close();
      else claim[Symbol.dispose]();
      throw error;
    }
    await nameHolder(file, command);
    return claim;
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
 * Throws a {@linkcode ClaimedError} where another command holds it, and what
 * `check` and the file system throw.
 *
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { ClaimedError, claimFolder } from "./claim_folder.ts";
 *
 * const folder = `${await Deno.makeTempDir()}/model`;
 * {
 *   using _claim = await claimFolder(folder, { command: "train" });
 *   await assertRejects(() => claimFolder(folder, { command: "distill" }), ClaimedError, "train (process ");
 * }
 * assertEquals([...Deno.readDirSync(folder)], []);
 * ```
 */
export async function claimFolder(
  folder: string,
  options: ClaimOptions,
): Promise<Claim> {
  await Deno.mkdir(folder, { recursive: true });
  const claim = await takeLock(join(folder, LOCK), folder, options);
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
 * const options = { command: "compact" };
 * {
 *   using _claim = await claimPath(`${folder}/small.dram`, options);
 *   using _other = await claimPath(`${folder}/large.dram`, options);
 *   await assertRejects(() => claimPath(`${folder}/small.dram`, options), ClaimedError);
 * }
 * assertEquals([...Deno.readDirSync(folder)], []);
 * ```
 */
export async function claimPath(
  path: string,
  options: ClaimOptions,
): Promise<Claim> {
  const [folder, name] = [dirname(path), basename(path)];
  await Deno.mkdir(folder, { recursive: true });
  const claim = await takeLock(join(folder, `.${name}${LOCK}`), path, options);
  try {
    await removeLeftovers(folder, { stem: name.replace(/\.[^.]*$/, "") });
    return claim;
  } catch (error) {
    claim[Symbol.dispose]();
    throw error;
  }
}
