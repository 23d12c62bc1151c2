import { join } from "@std/path";
import { bundleIslands, type ClientBundle } from "./bundle_islands.ts";
import { hashFolders } from "./hash_folders.ts";
import { listModules } from "./list_modules.ts";

/** An app's modules, and what was bundled of them for the browser. */
export interface BundledApp {
  buildId: string;
  /** Module of each route, by path without extension. */
  routes: Record<string, string>;
  /** Module of each island, by name. */
  islands: Record<string, string>;
  client: ClientBundle;
}

/** Bundles the islands of an app into `_fresh/js/BUILD/` of a folder. */
export async function bundleApp(
  root: string,
  folder: string,
): Promise<BundledApp> {
  const routes = await listModules(join(root, "routes"));
  const islands = await listModules(join(root, "islands"));
  const scripts = join(folder, "_fresh", "js", "new");
  const client = await bundleIslands(root, islands, scripts);
  const buildId = await hashFolders(scripts, join(root, "static"));
  await Deno.rename(scripts, join(folder, "_fresh", "js", buildId));
  return { buildId, routes, islands, client };
}
