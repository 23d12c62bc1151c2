import { basename, fromFileUrl, join, resolve, toFileUrl } from "@std/path";
import { tmpdir } from "node:os";
import { claimFolder } from "../../core/files/claim_folder.ts";
import { exists } from "../../core/files/exists.ts";
import { writeAtomically } from "../../core/files/write_atomically.ts";
import type { App } from "../app.ts";
import type { ListenOptions } from "../listen.ts";
import { bundleApp } from "./bundle_app.ts";
import { bundleServer } from "./bundle_server.ts";
import { mapFiles } from "./map_files.ts";
import { makeOwnedFolder, removeOwnerless } from "./owned_folder.ts";
import { writeSnapshot } from "./write_snapshot.ts";

/** Where an app's parts are. */
export interface BuildOptions {
  /** Folder of the app, or its address; the current one unless given. */
  root?: string;
}

/** Builds an app of main.ts, routes/, islands/ and static/. */
export class Builder<State> {
  readonly #root: string;

  constructor({ root = "." }: BuildOptions = {}) {
    this.#root = root.startsWith("file:") ? fromFileUrl(root) : resolve(root);
  }

  /** Serves the app, built in memory. */
  async listen(
    importApp: () => Promise<{ app: App<State> }>,
    options: ListenOptions,
  ): Promise<void> {
    const applySnapshot = await this.#buildInMemory("development");
    const { app } = await importApp();
    applySnapshot(app);
    await app.listen(options);
  }

  /** Builds the app in memory; gives what puts the result into an app. */
  build(options: { snapshot: "memory" }): Promise<(app: App<State>) => void>;
  /** Builds the app into its folder `_fresh`. */
  build(): Promise<void>;
  build(
    options?: { snapshot: "memory" },
  ): Promise<((app: App<State>) => void) | void> {
    return options ? this.#buildInMemory("production") : this.#buildOnDisk();
  }

  async #buildInMemory(
    mode: "development" | "production",
  ): Promise<(app: App<State>) => void> {
    const place = { dir: tmpdir(), prefix: "fresh-" };
    await removeOwnerless(place);
    const { path: out } = await makeOwnedFolder(place);
    addEventListener("unload", () => Deno.removeSync(out, { recursive: true }));
    const bundled = await bundleApp(this.#root, out);
    const files = {
      ...await mapFiles(join(this.#root, "static")),
      ...await mapFiles(join(out, "_fresh"), "/_fresh"),
    };
    const module = join(out, "snapshot.ts");
    await Deno.writeTextFile(module, writeSnapshot(mode, bundled, files));
    const { snapshot } = await import(toFileUrl(module).href);
    return (app) => app.applySnapshot(snapshot);
  }

  /**
   * Builds into a folder of its own within `_fresh`, then has `_fresh/server.js`
   * lead there, by one renaming: at any moment it leads to a whole build, and
   * `_fresh/listen.js` serves that. Builds that nobody serves any more are removed.
   */
  async #buildOnDisk(): Promise<void> {
    const dir = join(this.#root, "_fresh");
    using _claim = await claimFolder(dir, { command: "build" });
    await removeOlder(dir);
    const { path: out, [Symbol.dispose]: release } = await makeOwnedFolder({
      dir,
      prefix: PREFIX,
    });
    try {
      await bundleServer(this.#root, out);
    } catch (error) {
      await Deno.remove(out, { recursive: true });
      throw error;
    } finally {
      release(); // so that a server can hold it from its first moment
    }
    // A temporary folder is for its maker's eyes only; a server may be another user.
    if (Deno.build.os !== "windows") await Deno.chmod(out, 0o755);
    await writeAtomically(join(dir, "server.js"), leadTo(basename(out)));
    await writeAtomically(join(dir, "listen.js"), LISTEN);
    await removeOlder(dir);
    await removeUnversioned(this.#root);
  }
}

/** How the name of a build's folder begins. */
const PREFIX = "build-";

/** A module that is the server of the build in `folder`. */
function leadTo(folder: string): string {
  return `export { default, listen } from "./${folder}/server.js";\n`;
}

/** A program that serves whatever build `server.js` leads to: the same for all. */
const LISTEN = `import { listen } from "./server.js";\nawait listen();\n`;

/** Removes from `dir` all but the build that its server leads to, and those served. */
async function removeOlder(dir: string): Promise<void> {
  const server = join(dir, "server.js");
  const text = await exists(server) ? await Deno.readTextFile(server) : "";
  const keep = /"\.\/(build-\w+)\/server\.js"/.exec(text)?.[1];
  await removeOwnerless({ dir, prefix: PREFIX }, { keep, youngMs: 0 });
}

/** Removes what builds had, and left when they were killed, before each had its folder. */
async function removeUnversioned(root: string): Promise<void> {
  const dir = join(root, "_fresh");
  for await (const { name } of Deno.readDir(dir)) {
    const isOurs = name === "server.js" || name === "listen.js" ||
      name.startsWith(PREFIX) ||
      name.startsWith("."); // the claim's lock
    if (!isOurs) await Deno.remove(join(dir, name), { recursive: true });
  }
  await removeOwnerless({ dir: root, prefix: "_fresh-" });
}
