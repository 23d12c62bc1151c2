/**
 * By how SQLite's message begins (Deno gives its code only now and then): what
 * keeps a whole study from being used.
 */
const OBSTACLES: [message: string, obstacle: string][] = [
  [
    "database is locked",
    "another program is using it; close that and run again",
  ],
  [
    "attempt to write a readonly database",
    "it, or its folder, is read-only; choose another folder",
  ],
  [
    "disk I/O error",
    "the disk doesn't do what is asked of it; free some space and run again",
  ],
  [
    "database or disk is full",
    "the disk is full; free some space and run again",
  ],
  [
    "unable to open database file",
    "it, or its folder, can't be opened; change its permissions or choose another folder",
  ],
];

/**
 * What to throw in place of `error`, met while using the study at `path`:
 * SQLite's own errors name neither the file nor a remedy. An obstacle such as a
 * full disk gives an `Error`, a damaged file a `SyntaxError`; any error that
 * isn't SQLite's stays itself.
 *
 * Source: SQLite's result codes, <https://www.sqlite.org/rescode.html>.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { explainSqliteError } from "./explain_sqlite_error.ts";
 *
 * const other = new Error("Cannot go on");
 * assertEquals(explainSqliteError(other, "study.db"), other);
 * ```
 */
export function explainSqliteError(error: unknown, path: string): unknown {
  const isSqlite = error instanceof Error && "code" in error &&
    error.code === "ERR_SQLITE_ERROR";
  if (!isSqlite) return error;
  for (const [message, obstacle] of OBSTACLES) {
    if (!error.message.startsWith(message)) continue;
    return new Error(`Cannot use the study ${path}: ${obstacle}`, {
      cause: error,
    });
  }
  return new SyntaxError(
    `Cannot open ${path}: it must be a study that SQLite can read and write: "${error.message}"; bring back a copy of it, or choose another name with --study`,
    { cause: error },
  );
}
