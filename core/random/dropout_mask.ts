import type { Xoshiro128 } from "./xoshiro128.ts";

/**
 * Throws unless `rate` lies in [0, 1): at 1 nothing would be left to learn from.
 */
export function checkDropoutRate(rate: number): void {
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(
      `Cannot drop units: the dropout rate must be ≥ 0 and < 1: current value is ${rate}`,
    );
  }
}

/**
 * Inverted dropout: mᵢ = 0 with probability `rate`, else 1 / (1 − `rate`), so
 * that E[mᵢ] = 1. Fills and returns `mask`, one value an element.
 *
 * Source: Srivastava et al., "Dropout", JMLR 15, 2014.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { fillDropoutMask } from "./dropout_mask.ts";
 * import { randomStream } from "./stream.ts";
 *
 * const mask = fillDropoutMask(new Float32Array(8), 0.5, randomStream(1));
 * assert(mask.every((value) => value === 0 || value === 2));
 * ```
 */
export function fillDropoutMask(
  mask: Float32Array<ArrayBuffer>,
  rate: number,
  random: Xoshiro128,
): Float32Array<ArrayBuffer> {
  checkDropoutRate(rate);
  const kept = 1 / (1 - rate);
  // 16 bits an element: half the draws, and a rate exact to 2⁻¹⁶.
  const threshold = Math.round(rate * 65536);
  for (let i = 0; i < mask.length; i += 2) {
    const word = random.uint32();
    mask[i] = (word & 0xffff) < threshold ? 0 : kept;
    if (i + 1 < mask.length) mask[i + 1] = (word >>> 16) < threshold ? 0 : kept;
  }
  return mask;
}
