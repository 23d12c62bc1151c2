import type { ComponentType } from "preact";

/** Where the browser finds the code of an island. */
export interface Island {
  /** Address of its script. */
  module: string;
  /** Name under which the script exports it. */
  export: string;
}

/** What a build makes of an app's folder for the browser. */
export interface Assets {
  mode: "development" | "production";
  /** Hash of everything that the browser loads. */
  buildId: string;
  /** Files to serve, by the path of their address. */
  files: ReadonlyMap<string, URL>;
  islands: ReadonlyMap<ComponentType, Island>;
  /** Address of the script that hydrates islands. */
  clientEntry: string;
  /** Scripts that each script imports, all the way, to load them in one go. */
  imports: Readonly<Record<string, readonly string[]>>;
}
