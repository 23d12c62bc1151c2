/** The file of a build whose lock keeps later builds from removing it. */
const LOCK = "in-use.lock";

/**
 * Holds the build that this process runs from, so that one made beside it removes
 * nothing that is still to be served; to read it is leave enough. Where a host
 * knows no locks, nobody builds beside a server either.
 *
 * Throws an `Error` where a later build has taken the place of this one already.
 */
export function holdBuild(entry: string): void {
  try {
    Deno.openSync(new URL(LOCK, entry)).tryLockSync(false);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) assertWhole(entry);
  }
}

function assertWhole(entry: string): void {
  try {
    Deno.statSync(new URL("static", entry));
  } catch {
    throw new Error(
      "Cannot serve this build: its folder must be whole: a later build has taken its place; start again",
    );
  }
}
