import { DRAM_LIMITS } from "../dram_budget.ts";
import { type BitCoder, EVEN } from "./bit_coder.ts";
import { codeSigned } from "./code_numbers.ts";

/**
 * A canonical Huffman code (Schwartz and Kallick, 1964): words of one length
 * are consecutive numbers in the order of their symbols, shorter words come first.
 */
export interface HuffmanCode {
  /** Bits of each symbol's word; 0 where it doesn't occur. */
  lengths: Uint8Array<ArrayBuffer>;
  /** Symbols in the order of their words. */
  order: number[];
  /** How many words have each length. */
  counts: number[];
}

/**
 * The code whose words have `lengths`. Throws a `SyntaxError` unless they use up
 * all words, Σ 2^−length = 1, or there is one symbol alone, which needs no bit.
 */
function makeHuffmanCode(
  lengths: Uint8Array<ArrayBuffer>,
): HuffmanCode {
  const order = [...lengths.keys()].filter((symbol) => lengths[symbol] > 0)
    .sort((a, b) => lengths[a] - lengths[b] || a - b);
  const counts = new Array<number>(DRAM_LIMITS.codeWordBits + 1).fill(0);
  for (const symbol of order) counts[lengths[symbol]]++;
  const used = order.reduce((sum, symbol) => sum + 2 ** -lengths[symbol], 0);
  if (used !== 1 && order.length !== 1) {
    throw new SyntaxError(
      `Cannot read a .dram: a Huffman code must use up all words: it uses ${used} of them`,
    );
  }
  return { lengths, order, counts };
}

/** The table of a code for `size` symbols: the lengths, each as its difference from the one before. */
export function codeHuffmanTable(
  coder: BitCoder,
  size: number,
  lengths?: Uint8Array<ArrayBuffer>,
): HuffmanCode {
  const coded = new Uint8Array(size);
  for (let symbol = 0, last = 0; symbol < size; symbol++) {
    last += codeSigned(coder, 0, lengths && lengths[symbol] - last);
    if (last < 0 || last > DRAM_LIMITS.codeWordBits) {
      throw new SyntaxError(
        `Cannot read a .dram: words of a Huffman code must have 0 to ${DRAM_LIMITS.codeWordBits} bits: one has ${last}`,
      );
    }
    coded[symbol] = last;
  }
  return makeHuffmanCode(coded);
}

/** The word of the symbol at `place` in the order of words, as a number. */
function wordAt({ lengths, order, counts }: HuffmanCode, place: number) {
  let [word, first] = [0, 0];
  for (let length = 1; length < lengths[order[place]]; length++) {
    first += counts[length];
    word = (word + counts[length]) * 2;
  }
  return word + place - first;
}

/** One symbol as its word, highest bit first. */
export function codeHuffmanSymbol(
  coder: BitCoder,
  code: HuffmanCode,
  symbol?: number,
): number {
  const { lengths, order, counts } = code;
  if (order.length === 1) return order[0];
  const known = symbol !== undefined;
  const length = known ? lengths[symbol] : 0;
  const wanted = known ? wordAt(code, order.indexOf(symbol)) : 0;
  let [word, firstWord, firstPlace] = [0, 0, 0];
  for (let bits = 1;; bits++) {
    const bit = Math.floor(wanted / 2 ** (length - bits)) & 1;
    word = word * 2 + coder.code(EVEN, bit);
    if (word - firstWord < counts[bits]) {
      return order[firstPlace + word - firstWord];
    }
    firstPlace += counts[bits];
    firstWord = (firstWord + counts[bits]) * 2;
  }
}
