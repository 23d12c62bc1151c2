import { nameKind } from "../../core/files/read_regular_file.ts";
import type { OptionTable, PathKind } from "./option.ts";

function isOf(kind: PathKind, { isFile, isDirectory }: Deno.FileInfo): boolean {
  return (isFile && kind !== "folder") || (isDirectory && kind !== "file");
}

/**
 * Throws unless `path` leads to what is to be read or replaced there, a regular file
 * or a folder: a pipe or a device keeps its reader for ever, and is no place for
 * results. What is to be read must be there; the file system's own errors are
 * passed on.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { checkPath } from "./check_paths.ts";
 *
 * await assertRejects(() => checkPath("/", { reads: "file" }), TypeError, "it is a folder");
 * await checkPath("not/there/yet.dram", { writes: "file" });
 * ```
 */
export async function checkPath(
  path: string,
  { reads, writes }: { reads?: PathKind; writes?: PathKind },
): Promise<void> {
  const refuse = (verb: string, kind: PathKind, info: Deno.FileInfo) => {
    if (isOf(kind, info)) return;
    throw new TypeError(
      `Cannot ${verb} ${path}: it must be a ${kind}: it is ${
        nameKind(info)
      }; name a ${kind}`,
    );
  };
  if (reads) refuse("read", reads, await Deno.stat(path));
  if (!writes) return;
  // What isn't there, or can't be reached, is told by who makes or writes it.
  const there = await Deno.stat(path).catch(() => undefined);
  if (there) refuse("write", writes, there);
}

/** Checks every path of `table` that `values` has: before any work is done. */
export async function checkPaths(
  values: Readonly<Record<string, unknown>>,
  table: OptionTable,
): Promise<void> {
  for (const [name, option] of Object.entries(table)) {
    const path = values[name];
    if (option.kind !== "path" || typeof path !== "string") continue;
    if (!option.names?.includes(path)) {
      await checkPath(path, option);
    }
  }
}
