/** By SQLite's primary result code: what keeps a whole study from being used. */
const OBSTACLES: Readonly<Record<number, string>> = {
  5: "another program is using it; close that and run again",
  6: "another program is using it; close that and run again",
  8: "it, or its folder, is read-only; choose another folder",
  10: "the disk doesn't do what is asked of it; free some space and run again",
  13: "the disk is full; free some space and run again",
  14:
    "it, or its folder, can't be opened; change its permissions or choose another folder",
};

/** Extended result codes carry the primary one in their lowest byte. */
const PRIMARY = 0xff;

/**
 * What to throw in place of `error`, met while using the study at `path`:
 * SQLite's own errors name neither the file nor a remedy. An obstacle such as a
 * full disk gives an `Error`, a damaged file a `SyntaxError`; any error that
 * isn't SQLite's stays itself.
 *
 * Source: result codes, <https://www.sqlite.org/rescode.html>.
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
  if (!(error instanceof Error) || !("errcode" in error)) return error;
  const obstacle = OBSTACLES[Number(error.errcode) & PRIMARY];
  if (obstacle) {
    return new Error(`Cannot use the study ${path}: ${obstacle}`, {
      cause: error,
    });
  }
  return new SyntaxError(
    `Cannot open ${path}: it must be a study that SQLite can read and write: "${error.message}"; bring back a copy of it, or choose another name with --study`,
    { cause: error },
  );
}
