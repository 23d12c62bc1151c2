import { createRequire } from "node:module";
import { resolve } from "node:path";

/**
 * The folder of the CommonJS module `file` of the npm package `name`, which must
 * have been imported before.
 *
 * Deno keeps npm packages in a node_modules folder or in its own cache, by the
 * importing project's choice; Node's record of loaded modules tells where one
 * came from in either case.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { npmModuleFolder } from "./npm_folder.ts";
 *
 * assertThrows(() => npmModuleFolder("no-such-package", "index.js"), Error, "Cannot find");
 * ```
 */
export function npmModuleFolder(name: string, file: string): string {
  // The record is one for the whole program; this module may have no path.
  const loaded = Object.keys(createRequire(resolve("/")).cache);
  const path = loaded.map((each) => each.replaceAll("\\", "/")).find((each) =>
    each.includes(`/${name}/`) && each.endsWith(`/${file}`)
  );
  if (path === undefined) {
    throw new Error(
      `Cannot find npm package ${name}: its module ${file} must have been imported: it has not`,
    );
  }
  return path.slice(0, -file.length);
}
