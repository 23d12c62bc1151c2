import { tmpdir } from "node:os";
import { waitForLock } from "../../../core/files/wait_for_lock.ts";

const root = new URL("../../../", import.meta.url);

/** What the build is made of. */
const SOURCES = ["web", "fresh", "site", "core", "cli"]
  .concat("deno.json", "deno.lock");

/** Names of what the build makes among them, and of pictures that it leaves out. */
const MADE = /^(_fresh.*|wasm|screenshots)$/;

/** When the newest file at `path` or below was written; 0 where there is none. */
async function newest(path: URL): Promise<number> {
  const { isDirectory, mtime } = await Deno.stat(path);
  if (!isDirectory) return mtime?.getTime() ?? 0;
  let latest = 0;
  for await (const { name } of Deno.readDir(path)) {
    if (MADE.test(name)) continue;
    latest = Math.max(latest, await newest(new URL(`${path}/${name}`)));
  }
  return latest;
}

/**
 * Runs `deno task build`, unless its output is newer than every source, and gives
 * the folder that an edge host runs. Of test files that run side by side one builds
 * and the others wait.
 */
export async function buildSite(): Promise<string> {
  using _lock = await waitForLock(`${tmpdir()}/retort-test-build`);
  const folder = new URL("web/_fresh", root);
  const built = await newest(new URL("web/_fresh/server.js", root))
    .catch(() => 0);
  const changed = Math.max(
    ...await Promise.all(SOURCES.map((path) => newest(new URL(path, root)))),
  );
  if (built <= changed) {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "build"],
      cwd: root,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) {
      throw new Error(
        `Cannot build the site: ${new TextDecoder().decode(stderr)}`,
      );
    }
  }
  return folder.pathname;
}
