const LOCK = ".lock";
const WAIT_MS = 100;

/** Opens the lock of what lies at `path`; the file stays, so that all meet at one. */
export function openLock(path: string): Promise<Deno.FsFile> {
  return Deno.open(path + LOCK, { create: true, write: true });
}

/**
 * Takes the lock of what lies at `path` once no other process holds it, until it is
 * disposed of. A lock is an empty file beside it; a process that ends, however that
 * happens, holds none. Throws the reason of `signal` when that is aborted.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openLock, waitForLock } from "./wait_for_lock.ts";
 *
 * const path = `${await Deno.makeTempDir()}/answers`;
 * using _held = await waitForLock(path);
 * using other = await openLock(path);
 * assertEquals(await other.tryLock(true), false);
 * ```
 */
export async function waitForLock(
  path: string,
  signal?: AbortSignal,
): Promise<Disposable> {
  const file = await openLock(path);
  try {
    while (!await file.tryLock(true)) {
      signal?.throwIfAborted();
      await new Promise((wake) => setTimeout(wake, WAIT_MS));
    }
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}
