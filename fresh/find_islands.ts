import type { ComponentType } from "preact";
import type { Island } from "./built_assets.ts";

/** The islands of some modules: every function that one exports. */
export function findIslands(
  modules: readonly (readonly [address: string, Record<string, unknown>])[],
): Map<ComponentType, Island> {
  const islands = new Map<ComponentType, Island>();
  for (const [address, exports] of modules) {
    for (const [name, value] of Object.entries(exports)) {
      if (typeof value !== "function") continue;
      islands.set(value as ComponentType, { module: address, export: name });
    }
  }
  return islands;
}
