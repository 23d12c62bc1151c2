/**
 * The build that is served: a hash of its files, part of the addresses that
 * may be cached for ever. In the browser it is read from the address of the
 * script itself.
 */
const build = {
  id: typeof document === "undefined"
    ? "none"
    : new URL(import.meta.url).pathname.split("/")[3],
};

/** The id of the build that is served. */
export function readBuildId(): string {
  return build.id;
}

/** Says which build is served, once, before the first request. */
export function setBuildId(id: string): void {
  build.id = id;
}
