import { bundleForBrowser } from "../../../bundle_for_browser.ts";

const core = new URL("../../../../core/", import.meta.url);

/** What pages take of tfjs: Deno itself can't load single files of its packages. */
const MODULES = ["tf_core", "tf_wasm", "tf_webgpu"];

/**
 * Bundles tfjs into `folder` as a page's build does, and gives the path of an import
 * map there that has pages' own modules, which stay sources, import it.
 */
export async function bundleTfjs(folder: string): Promise<string> {
  const sources = MODULES.map((name) => new URL(`${name}.ts`, core));
  await bundleForBrowser(sources, "--code-splitting", "--outdir", folder);
  const imports = Object.fromEntries(
    MODULES.map((name, i) => [sources[i].href, `file://${folder}/${name}.js`]),
  );
  const map = `${folder}/imports.json`;
  await Deno.writeTextFile(map, JSON.stringify({ imports }));
  return map;
}
