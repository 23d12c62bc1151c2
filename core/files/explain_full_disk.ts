const FULL = ["ENOSPC", "EDQUOT"];

/**
 * What to throw in place of `error`, met while writing to `path`: the system
 * names no path where a write, rather than an opening, fails for want of space.
 * Any other error stays itself.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { explainFullDisk } from "./explain_full_disk.ts";
 *
 * const other = new Error("Cannot go on");
 * assertEquals(explainFullDisk(other, "report.html"), other);
 * ```
 */
export function explainFullDisk(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error && error.code;
  if (!FULL.some((each) => each === code)) return error;
  const full = new Error(
    `Cannot write ${path}: the disk is full; free some space and run again`,
    { cause: error },
  );
  // Kept where the cause isn't: on the way from a worker.
  return Object.assign(full, { code });
}
