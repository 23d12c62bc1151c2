import { DRAM_LIMITS } from "../dram_budget.ts";
import { type BitCoder, EVEN } from "./bit_coder.ts";

/** An integer below 2^`count`, at most 2^32, its highest bit first, one bit each. */
export function codeBits(coder: BitCoder, count: number, value = 0): number {
  let coded = 0;
  for (let place = count - 1; place >= 0; place--) {
    const bit = coder.code(EVEN, value >>> place & 1);
    coded = coded * 2 + bit;
  }
  return coded;
}

/**
 * An integer ≥ 0 by the Exp-Golomb code of order k (Teuhola, 1978): of
 * m = value + 2^k, as many ones as m has bits beyond k + 1, a zero, then m
 * without its highest bit.
 *
 * Throws a `RangeError` where m has more than 24 bits.
 */
export function codeNumber(coder: BitCoder, order: number, value = 0): number {
  const size = Math.floor(Math.log2(value + 2 ** order));
  let bits = order;
  while (coder.code(EVEN, size > bits ? 1 : 0)) {
    if (++bits >= DRAM_LIMITS.numberBits) {
      throw new RangeError(
        `Cannot use a .dram: its numbers must be below 2^${DRAM_LIMITS.numberBits}: one is larger`,
      );
    }
  }
  const rest = codeBits(coder, bits, value + 2 ** order - 2 ** bits);
  return 2 ** bits + rest - 2 ** order;
}

/** An integer of either sign: 0, −1, 1, −2, 2, … as 0, 1, 2, 3, 4, … by {@linkcode codeNumber}. */
export function codeSigned(coder: BitCoder, order: number, value = 0): number {
  const coded = codeNumber(
    coder,
    order,
    value < 0 ? -2 * value - 1 : 2 * value,
  );
  return coded % 2 ? -(coded + 1) / 2 : coded / 2;
}

/**
 * One of some `[value, weight]`, in turn: is it the first, the second, …, each
 * with its weight's share of the weights that are left; the last needs no bit.
 *
 * Throws a `RangeError` where `value` is none of them.
 */
export function codeChoice<Choice extends Value, Value = Choice>(
  coder: BitCoder,
  choices: readonly (readonly [Choice, number])[],
  value?: Value,
): Choice {
  let left = choices.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [choice, weight] of choices.slice(0, -1)) {
    const probability = Math.floor(65536 * weight / left);
    if (coder.code(probability, choice === value ? 1 : 0)) return choice;
    left -= weight;
  }
  const [last] = choices[choices.length - 1];
  if (value !== undefined && value !== last) {
    throw new RangeError(
      `Cannot write a .dram: it must hold one of ${
        choices.map(([choice]) => choice).join(", ")
      }: current value is ${value}`,
    );
  }
  return last;
}

/** Yes or no, where `weight` of 16 are yes. */
export function codeFlag(
  coder: BitCoder,
  weight: number,
  value = false,
): boolean {
  return coder.code(weight * 4096, value ? 1 : 0) === 1;
}
