import { common, dirname, fromFileUrl, join, relative } from "@std/path";
import { bundle } from "./bundle.ts";
import { listFiles } from "./list_files.ts";
import { readImports } from "./read_imports.ts";

/** Scripts for the browser, in a folder of their own. */
export interface ClientBundle {
  /** Path within the folder of the script that hydrates. */
  entry: string;
  /** Path within the folder of each island's script, by the island's name. */
  islands: Record<string, string>;
  /** The scripts that each script imports, and that these import. */
  imports: Record<string, string[]>;
}

const CLIENT = fromFileUrl(new URL("../client.ts", import.meta.url));

/**
 * Removes the scripts of `folder` that have nothing in them, and the imports of them: a
 * chunk of constants that have been written where they are used.
 */
async function dropEmptyScripts(folder: string): Promise<void> {
  const scripts = await listFiles(folder);
  const isEmpty = (script: string) =>
    Deno.statSync(join(folder, script)).size === 0;
  const empty = new Set(scripts.filter(isEmpty));
  for (const script of scripts) {
    const path = join(folder, script);
    if (empty.has(script)) {
      await Deno.remove(path);
      continue;
    }
    const code = await Deno.readTextFile(path);
    const left = code.replace(
      /import"(\.[^"]+\.js)";/g,
      (all, imported) => empty.has(join(dirname(script), imported)) ? "" : all,
    );
    if (left !== code) await Deno.writeTextFile(path, left);
  }
}

/** Bundles islands and what hydrates them, with shared code in chunks. */
export async function bundleIslands(
  root: string,
  islands: Record<string, string>,
  outDir: string,
): Promise<ClientBundle> {
  const modules = [CLIENT, ...Object.values(islands)];
  await bundle(
    root,
    "--platform=browser",
    "--minify",
    "--code-splitting",
    `--outdir=${outDir}`,
    ...modules,
  );
  await dropEmptyScripts(outDir);
  const base = modules.length > 1 ? common(modules) : dirname(CLIENT);
  const scriptOf = (module: string) =>
    relative(base, module).replace(/\.tsx?$/, ".js");
  return {
    entry: scriptOf(CLIENT),
    islands: Object.fromEntries(
      Object.entries(islands).map(([name, path]) => [name, scriptOf(path)]),
    ),
    imports: await readImports(outDir),
  };
}
