/**
 * What `error` says.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeError } from "./describe_error.ts";
 *
 * assertEquals(describeError(new RangeError("too large")), "too large");
 * ```
 */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
