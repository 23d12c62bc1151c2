/**
 * The pattern of a route file, in the router's notation.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { routePattern } from "./route_pattern.ts";
 *
 * assertEquals(routePattern("models/[name]"), "/models/:name");
 * assertEquals(routePattern("blog/index"), "/blog");
 * assertEquals(routePattern("[...path]"), "/:path{.*}");
 * ```
 */
export function routePattern(path: string): string {
  const parts = path.split("/").map((part) =>
    part.replace(/^\[\.\.\.(\w+)\]$/, ":$1{.*}").replace(/^\[(\w+)\]$/, ":$1")
  );
  if (parts.at(-1) === "index") parts.pop();
  return "/" + parts.join("/");
}

/** Orders patterns so that the first that matches is the most specific. */
export function comparePatterns(a: string, b: string): number {
  return generality(a) - generality(b) || (a < b ? -1 : 1);
}

function generality(pattern: string): number {
  return pattern.includes("{.*}") ? 2 : pattern.includes(":") ? 1 : 0;
}
