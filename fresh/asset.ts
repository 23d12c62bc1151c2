import { readBuildId } from "./build_id.ts";

/** The query parameter that ties an address to one build. */
export const BUILD_PARAMETER = "__frsh_c";

/**
 * Ties the address of a static file to this build, so that it may be cached
 * for ever; other addresses come back as they are.
 *
 * @example
 * ```ts
 * import { assertMatch } from "@std/assert";
 * import { asset } from "./asset.ts";
 *
 * assertMatch(asset("/styles.css"), /^\/styles\.css\?__frsh_c=\w+$/);
 * ```
 */
export function asset(path: string): string {
  if (!path.startsWith("/") || path.startsWith("//")) return path;
  const url = new URL(path, "http://localhost");
  if (!url.searchParams.has(BUILD_PARAMETER)) {
    url.searchParams.set(BUILD_PARAMETER, readBuildId());
  }
  return url.pathname + url.search + url.hash;
}
