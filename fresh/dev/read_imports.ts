import { dirname, join } from "@std/path";
import { listFiles } from "./list_files.ts";

/** What each bundled script of a folder imports statically, all the way. */
export async function readImports(
  folder: string,
): Promise<Record<string, string[]>> {
  const direct = new Map<string, string[]>();
  for (const script of await listFiles(folder)) {
    const code = await Deno.readTextFile(join(folder, script));
    const found = code.matchAll(/(?:from|import)\s*"(\.[^"]+\.js)"/g);
    direct.set(
      script,
      Array.from(found, ([, path]) => join(dirname(script), path)),
    );
  }
  const collect = (script: string, seen: Set<string>): Set<string> => {
    for (const imported of direct.get(script) ?? []) {
      if (!seen.has(imported)) collect(imported, seen.add(imported));
    }
    return seen;
  };
  return Object.fromEntries(
    Array.from(
      direct.keys(),
      (script) => [script, [...collect(script, new Set())]],
    ),
  );
}
