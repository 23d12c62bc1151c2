import { fromFileUrl, join, resolve, toFileUrl } from "@std/path";
import { rm } from "node:fs/promises";
import type { App } from "../app.ts";
import { bundleApp } from "./bundle_app.ts";
import { bundleServer } from "./bundle_server.ts";
import { mapFiles } from "./map_files.ts";
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
    options: Deno.ServeTcpOptions,
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
    const out = await Deno.makeTempDir({ prefix: "fresh-" });
    addEventListener("unload", () => Deno.removeSync(out, { recursive: true }));
    const bundled = await bundleApp(this.#root, out);
    const files = {
      ...await mapFiles(join(this.#root, "static")),
      ...await mapFiles(out),
    };
    const module = join(out, "snapshot.ts");
    await Deno.writeTextFile(module, writeSnapshot(mode, bundled, files));
    const { snapshot } = await import(toFileUrl(module).href);
    return (app) => app.applySnapshot(snapshot);
  }

  /** Builds beside the folder, which is replaced once all has gone well. */
  async #buildOnDisk(): Promise<void> {
    const out = await Deno.makeTempDir({ dir: this.#root, prefix: "_fresh-" });
    try {
      await bundleServer(this.#root, out);
      await rm(join(this.#root, "_fresh"), { recursive: true, force: true });
      await Deno.rename(out, join(this.#root, "_fresh"));
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  }
}
