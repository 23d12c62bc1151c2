import { common, dirname, fromFileUrl, relative } from "@std/path";
import { bundle } from "./bundle.ts";
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
