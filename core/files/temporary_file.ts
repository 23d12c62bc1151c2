import { join } from "node:path";

/** What a file is called while it is written, before it replaces its namesake; and SQLite's beside it. */
const TEMPORARY =
  /^(.+\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp)(?:-journal|-wal|-shm)?$/;

/** A file to be written, then renamed: its own until it is disposed of. */
export interface TemporaryFile extends Disposable {
  /** Where it lies: beside what it is to replace. */
  path: string;
  /** Open for writing. */
  file: Deno.FsFile;
}

/** Whether the name `path` still leads to the open `file`; taken to where the system can't tell. */
export function isStillAt(path: string, file: Deno.FsFile): boolean {
  try {
    const { ino } = Deno.statSync(path);
    return ino === null || ino === file.statSync().ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Tries to take the lock of `file`; `undefined` where its file system has none. */
function tryLock(file: Deno.FsFile): boolean | undefined {
  try {
    return file.tryLockSync(true);
  } catch {
    return undefined;
  }
}

/**
 * Makes a file beside `path`, to be written and then renamed to it. Until it is
 * disposed of its writer holds a lock on it, so that {@linkcode removeLeftovers}
 * leaves it alone; a process that ends, however that happens, holds none.
 *
 * Throws what the file system throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openTemporary, removeLeftovers } from "./temporary_file.ts";
 *
 * const folder = await Deno.makeTempDir();
 * const { path, file } = openTemporary(`${folder}/answer`);
 * await removeLeftovers(folder);
 * assertEquals((await Deno.stat(path)).isFile, true); // it has an owner
 * file.close();
 * await removeLeftovers(folder);
 * assertEquals([...Deno.readDirSync(folder)], []);
 * ```
 */
export function openTemporary(path: string): TemporaryFile {
  while (true) {
    const beside = `${path}.${crypto.randomUUID()}.tmp`;
    const file = Deno.openSync(beside, { write: true, createNew: true });
    // Whoever cleans may have found it before it was locked.
    if (tryLock(file) !== false && isStillAt(beside, file)) {
      return { path: beside, file, [Symbol.dispose]: () => file.close() };
    }
    file.close();
  }
}

async function removeOwnerless(path: string): Promise<void> {
  try {
    using file = await Deno.open(path);
    if (tryLock(file) !== true) return;
    await Deno.remove(path);
  } catch {
    // Renamed or removed meanwhile, or somebody else's: not ours to mend.
  }
}

/**
 * Removes from `folder` what killed processes have left: temporary files that no
 * process holds, with SQLite's journals beside them. Others' files, and those
 * that are being written, stay. With `stem` only files of names that begin so.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { removeLeftovers } from "./temporary_file.ts";
 *
 * const folder = await Deno.makeTempDir();
 * const left = `${folder}/answer.${crypto.randomUUID()}.tmp`;
 * await Deno.writeTextFile(left, "4");
 * await Deno.writeTextFile(`${folder}/mine.tmp`, "another program's");
 * await removeLeftovers(folder);
 * assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["mine.tmp"]);
 * ```
 */
export async function removeLeftovers(
  folder: string,
  { stem = "" }: { stem?: string } = {},
): Promise<void> {
  const names = new Set<string>();
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && name.startsWith(stem)) names.add(name);
  }
  for (const name of names) {
    const [, temporary] = TEMPORARY.exec(name) ?? [];
    if (temporary === name) await removeOwnerless(join(folder, name));
  }
  for (const name of names) {
    const [, temporary] = TEMPORARY.exec(name) ?? [];
    if (temporary === undefined || temporary === name) continue;
    const owner = await Deno.lstat(join(folder, temporary)).catch(() => null);
    if (owner === null) await Deno.remove(join(folder, name)).catch(() => {});
  }
}
