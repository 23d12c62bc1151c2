import type { DatabaseSync } from "node:sqlite";

/** How long another program that holds a study is waited for. */
export const PATIENCE_MS = 30_000;
const WORD_AFTER_MS = 1000;

/** Told, once, that a study is waited for: whoever waits may think it hangs. */
export interface WaitOptions {
  /** Takes the line that says what is waited for. */
  onWait?: (message: string) => void;
  /** How long to wait in all, in milliseconds; half a minute unless given. */
  patience?: number;
}

function isHeld(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("database is ") &&
    error.message.includes("locked");
}

/**
 * What `work` gives on the study at `path`, which is open as `database`. While
 * another program holds it, this waits, and after a second says so. Nothing else
 * happens in this thread meanwhile.
 *
 * Throws what `work` throws: after 30 s "database is locked".
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { DatabaseSync } from "node:sqlite";
 * import { whenFree } from "./when_free.ts";
 *
 * const path = `${await Deno.makeTempDir()}/study.db`;
 * using other = new DatabaseSync(path);
 * using database = new DatabaseSync(path);
 * other.exec("BEGIN EXCLUSIVE");
 * const told: string[] = [];
 * const count = () => database.prepare("SELECT count(*) FROM sqlite_schema").get();
 * const read = (patience: number) =>
 *   whenFree(database, count, { path, patience, onWait: (word) => told.push(word) });
 * assertThrows(() => read(1200), Error, "database is locked");
 * assertEquals(told.length, 1);
 * other.exec("COMMIT");
 * assertEquals({ ...read(10) }, { "count(*)": 0 });
 * ```
 */
export function whenFree<T>(
  database: DatabaseSync,
  work: () => T,
  { path, onWait, patience = PATIENCE_MS }: WaitOptions & { path: string },
): T {
  const first = Math.min(patience, WORD_AFTER_MS);
  const wait = (milliseconds: number) =>
    database.exec(`PRAGMA busy_timeout = ${milliseconds}`);
  try {
    wait(first);
    return work();
  } catch (error) {
    if (!isHeld(error) || patience <= first) throw error;
    onWait?.(
      `waiting for ${path}: another program holds it; for ${
        Math.round((patience - first) / 1000)
      } s more at the most`,
    );
    wait(patience - first);
    return work();
  } finally {
    wait(PATIENCE_MS);
  }
}
