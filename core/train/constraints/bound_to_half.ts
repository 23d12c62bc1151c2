import { MAX_HALF, roundToHalf } from "../../infer/half.ts";

/** What `roundHalves` of core/kernels makes of `value`: never ±∞, never −0. */
export function boundToHalf(value: number): number {
  return roundToHalf(Math.min(MAX_HALF, Math.max(-MAX_HALF, value))) + 0;
}
