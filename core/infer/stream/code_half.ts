import { decodeHalf, encodeHalf } from "../half.ts";
import type { BitCoder } from "./bit_coder.ts";
import { codeBits, codeFlag, codeSigned } from "./code_numbers.ts";

/** Fraction bits of a float16. */
export const FRACTION_BITS = 10;

/** How float16s in a row are passed; each tells the next about where to expect it. */
export interface HalfRow {
  /** How many of the ten fraction bits are passed: those below are 0. */
  fractionBits: number;
  /** Whether numbers may be 0 or negative. */
  signed: boolean;
  /** Exponent field of the number before. */
  exponent: number;
}

/**
 * A finite float16: where `signed`, whether it is 0 and whether negative; then the
 * difference of its exponent from the one before, and the fraction's first bits.
 *
 * Throws a `RangeError` where it is not finite, or not above 0 in a row without signs.
 */
function codeHalf(
  coder: BitCoder,
  row: HalfRow,
  value?: number,
): number {
  // A reader needs no Float16Array.
  const wanted = value === undefined ? 0 : encodeHalf(value);
  if (row.signed && codeFlag(coder, 1, value === 0)) return 0;
  const negative = row.signed && codeFlag(coder, 8, wanted >= 32768);
  const exponent = row.exponent +
    codeSigned(coder, 1, (wanted >> 10 & 31) - row.exponent);
  const unused = FRACTION_BITS - row.fractionBits;
  const fraction =
    codeBits(coder, row.fractionBits, (wanted & 1023) >> unused) << unused;
  if (exponent < 0 || exponent > 30 || exponent + fraction === 0) {
    throw new RangeError(
      `Cannot use a .dram: its scales must be finite and above 0: one has exponent ${
        exponent - 15
      } and fraction ${fraction}`,
    );
  }
  row.exponent = exponent;
  return decodeHalf((negative ? 32768 : 0) | exponent << 10 | fraction);
}

/** `count` float16s in a row. */
export function codeHalves(
  coder: BitCoder,
  row: HalfRow,
  { count, values }: { count: number; values?: Float32Array },
): Float32Array<ArrayBuffer> {
  const coded = new Float32Array(count);
  for (let i = 0; i < count; i++) coded[i] = codeHalf(coder, row, values?.[i]);
  return coded;
}
