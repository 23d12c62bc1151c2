/** Largest finite float16. */
export const MAX_HALF = 65504;

/**
 * The number that 16 bits of an IEEE 754 binary16 stand for, exactly:
 * (−1)^s · 2^(e−15) · (1 + f/1024), or (−1)^s · 2^(−14) · f/1024 where e = 0.
 *
 * In plain arithmetic, because not every browser has `Float16Array` yet.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeHalf } from "./half.ts";
 *
 * assertEquals(decodeHalf(0x3555), 0.333251953125);
 * ```
 */
export function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = bits >> 10 & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0
    ? sign * 2 ** -14 * fraction
    : sign * 2 ** (exponent - 15) * (1 + fraction);
}

/**
 * The 16 bits of the float16 nearest to `value`, ties to even; too large a
 * number becomes ±∞.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeHalf } from "./half.ts";
 *
 * assertEquals(encodeHalf(-2), 0xc000);
 * ```
 */
export function encodeHalf(value: number): number {
  return new Uint16Array(Float16Array.of(value).buffer)[0];
}

/**
 * The float16 nearest to `value`, as a number: what a `.dram` holds of it. Of its
 * ten fraction bits, those beyond `fractionBits` are 0: a file stores the others
 * alone. Ties go to even; too large a number becomes ±∞.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { roundToHalf } from "./half.ts";
 *
 * assertEquals(roundToHalf(1 / 3), 0.333251953125);
 * assertEquals(roundToHalf(1 / 3, 3), 0.34375); // 1.011₂ · 2⁻²
 * ```
 */
export function roundToHalf(value: number, fractionBits = 10): number {
  const nearest = decodeHalf(encodeHalf(value));
  if (fractionBits >= 10 || nearest === 0 || !Number.isFinite(nearest)) {
    return nearest;
  }
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(nearest))));
  const unit = 2 ** (exponent - fractionBits);
  // Adding and taking away what has this unit rounds to it, ties to even.
  const large = 1.5 * 2 ** 52 * unit;
  return decodeHalf(encodeHalf(value + large - large));
}
