import { basename, isAbsolute, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** This repository, whose tasks run in it wherever they are typed. */
const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));

/** The way from where the user stands to the root: the folder of Retort's own folders. */
let way = "";

/** `path` from the folder `from`; `undefined` where it lies outside of that. */
function pathInside(from: string, path: string): string | undefined {
  const inside = relative(from, path).replaceAll("\\", "/");
  return isAbsolute(inside) || /^\.\.(\/|$)/.test(inside) ? undefined : inside;
}

/**
 * Goes to the folder in which the user typed the command: `deno task` runs in the
 * root, and tells that folder by `INIT_CWD`. From then on a path that was typed
 * means what it says, and {@linkcode ownPath} leads back to the root. Anywhere else
 * than in this repository nothing is changed.
 */
export function standWithUser(): void {
  const typedIn = Deno.env.get("INIT_CWD") ?? "";
  const root = Deno.cwd();
  if (!isAbsolute(typedIn) || root !== Deno.realPathSync(REPOSITORY)) return;
  // npm's scripts keep theirs where they go on to another folder; npx sets it anew.
  const script = Deno.env.get("npm_lifecycle_event") ?? "npx";
  if (script !== "npx" && pathInside(root, typedIn) === undefined) return;
  try {
    Deno.chdir(typedIn);
  } catch {
    return; // It has been removed since: the root is as good as any.
  }
  way = relative(Deno.cwd(), root).replaceAll("\\", "/");
}

/** `path`, which is relative to the root, as it is called where the user stands. */
export function ownPath(path: string): string {
  return way === "" ? path : `${way}/${path}`;
}

/**
 * What a manifest or a report calls `path`: its way from the root, or its name alone
 * where it lies elsewhere. How folders are called on one machine is nobody's matter
 * on another.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { recordedName } from "./own_path.ts";
 *
 * assertEquals(recordedName(`${Deno.cwd()}/models/teacher`), "models/teacher");
 * assertEquals(recordedName("/elsewhere/letters/"), "letters");
 * ```
 */
export function recordedName(path: string): string {
  return pathInside(resolve(way), resolve(path)) || basename(resolve(path));
}
