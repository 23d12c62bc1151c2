/**
 * Where `model` stands among `stops`: its own place, or that of the largest file
 * that is no larger, the first at least.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { stopOf } from "./stop_of.ts";
 *
 * assertEquals(stopOf([{ bytes: 250 }, { bytes: 500 }, { bytes: 1192 }], { bytes: 600 }), 1);
 * ```
 */
export function stopOf(
  stops: readonly { bytes: number }[],
  model: { bytes: number },
): number {
  const above = stops.findIndex(({ bytes }) => bytes > model.bytes);
  return Math.max(0, (above < 0 ? stops.length : above) - 1);
}
