import type { AnyComponent, ComponentType } from "preact";
import type { RouteHandler } from "./handlers.ts";
import type { PageProps } from "./page_props.ts";

/** A module of routes/. */
export interface RouteModule<State> {
  default?: AnyComponent<PageProps<unknown, State>>;
  handler?: RouteHandler<unknown, State>;
}

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

/** All that a build makes of an app's folder. */
export interface Snapshot<State> extends Assets {
  /** Modules of routes/ by path without extension: `api/models`, `_app`. */
  routes: Readonly<Record<string, RouteModule<State>>>;
}
