import { join, toFileUrl } from "@std/path";
import { cp } from "node:fs/promises";
import { bundle } from "./bundle.ts";
import { bundleApp } from "./bundle_app.ts";
import { mapFiles } from "./map_files.ts";
import { precompress } from "./precompress.ts";
import { writeSnapshot } from "./write_snapshot.ts";

/**
 * Writes `server.js` into a folder, with what it imports beside it and what it
 * serves in `static/`: it reads nothing else. It exports a handler for hosts that
 * listen themselves, and what listens where there is none.
 */
export async function bundleServer(root: string, out: string): Promise<void> {
  const folder = join(out, "static");
  await cp(join(root, "static"), folder, {
    recursive: true,
    filter: (path) => !path.endsWith(".tmp"), // what a kill has left half written
  });
  const bundled = await bundleApp(root, folder);
  await precompress(folder);
  const served = Object.keys(await mapFiles(folder));
  const files = served.map((path) => [path, `./static${path}`] as const);
  const main = toFileUrl(join(root, "main.ts"));
  const hold = new URL("../hold_build.ts", import.meta.url);
  const listen = new URL("../listen_as_told.ts", import.meta.url);
  const entry = join(out, "server.ts");
  await Deno.writeTextFile(
    entry,
    `import { holdBuild } from ${JSON.stringify(hold)};
import { listenAsTold } from ${JSON.stringify(listen)};
import { app } from ${JSON.stringify(main)};
${writeSnapshot("production", bundled, Object.fromEntries(files))}
holdBuild(import.meta.url);
app.applySnapshot(snapshot);
export default { fetch: app.handler() };
export const listen = () => listenAsTold(app);
`,
  );
  const options = ["--platform=deno", "--code-splitting", `--outdir=${out}`];
  await bundle(out, ...options, entry);
  await Deno.remove(entry);
}
