import { MAX_HALF, roundToHalf } from "../../infer/half.ts";

/**
 * What `roundHalves` of core/kernels makes of `value`: the nearest float16, never ±∞, never −0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boundToHalf } from "./bound_to_half.ts";
 *
 * assertEquals(boundToHalf(1e9), 65504);
 * ```
 */
export function boundToHalf(value: number): number {
  return roundToHalf(Math.min(MAX_HALF, Math.max(-MAX_HALF, value))) + 0;
}
