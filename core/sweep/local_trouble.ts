/** Errors by name that say what happened to the machine, not to what it was to train. */
const NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(Deno.errors),
  "DeviceError",
  "WorkerError",
  // Text or bytes that don't parse: a damaged checkpoint or cache.
  "SyntaxError",
]);

/** `ENOSPC` and its like; not Node's `ERR_…`, but for SQLite's. */
const CODE = /^(?:E[A-Z0-9]+|ERR_SQLITE_ERROR)$/;

/** What engines say where memory ran out, each in its own words. */
const NO_MEMORY =
  /allocation failed|out of memory|could not allocate|maximum memory size|\bOOM\b/i;

/**
 * Whether `error`, met while a trial was trained, is no fault of the trial's: a full
 * or failing disk, a damaged file, permissions, memory, a device that is gone, a
 * worker that died. The trial stays planned then, and the run ends; the same
 * command goes on when the trouble is gone.
 *
 * All else is the trial's own: it diverges, or can't be built as it is described.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DivergenceError } from "../train/divergence.ts";
 * import { isLocalTrouble } from "./local_trouble.ts";
 *
 * const missing = await Deno.readFile("/no/such").catch((error) => error);
 * assertEquals(isLocalTrouble(missing), true);
 * assertEquals(isLocalTrouble(new DivergenceError("NaN")), false);
 * assertEquals(isLocalTrouble(new RangeError("Cannot use 9 bits")), false);
 * assertEquals(isLocalTrouble(new RangeError("Array buffer allocation failed")), true);
 * ```
 */
export function isLocalTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return NAMES.has(error.name) || NO_MEMORY.test(error.message) ||
    // Of another version or configuration: what is there is not the trial's.
    error.message.startsWith("Cannot resume from ") ||
    ("code" in error && typeof error.code === "string" &&
      CODE.test(error.code));
}
