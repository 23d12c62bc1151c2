import { type Alphabet, alphabetSize } from "./alphabet.ts";
import type { BitCoder } from "./bit_coder.ts";
import { codeHuffmanSymbol, codeHuffmanTable } from "./code_huffman.ts";
import { codeBits, codeNumber } from "./code_numbers.ts";

/** A sparse tensor as Deep Compression stores it, and the codes for it. */
export interface HuffmanGaps {
  /** Gaps are below 2^bits; 1 to 8. */
  bits: number;
  /** Zeros before each stored symbol. */
  gaps: number[];
  /** Each stored symbol; 0 is a filler, where the next lies too far. */
  values: number[];
  /** Bits of each gap's word, and of each symbol's, from the alphabet's least. */
  gapLengths: Uint8Array<ArrayBuffer>;
  valueLengths: Uint8Array<ArrayBuffer>;
}

/**
 * Passes a sparse tensor's symbols, row-major, as Deep Compression does (Han,
 * Mao and Dally, 2016): relative indices of few bits with fillers, and values,
 * each with a Huffman code. Fills `symbols` where `coder` decodes.
 */
export function codeHuffmanGaps(
  coder: BitCoder,
  alphabet: Alphabet,
  { symbols, stored }: { symbols: Int16Array; stored?: HuffmanGaps },
): void {
  const bits = codeBits(coder, 3, stored && stored.bits - 1) + 1;
  const count = codeNumber(coder, 8, stored?.gaps.length);
  if (count > symbols.length) {
    throw new SyntaxError(
      `Cannot read a .dram: a tensor of ${symbols.length} weights must store no more: it stores ${count}`,
    );
  }
  if (count === 0) return;
  const gapCode = codeHuffmanTable(coder, 2 ** bits, stored?.gapLengths);
  const size = alphabetSize(alphabet);
  const valueCode = codeHuffmanTable(coder, size, stored?.valueLengths);
  for (let i = 0, place = 0; i < count; i++, place++) {
    place += codeHuffmanSymbol(coder, gapCode, stored?.gaps[i]);
    if (place >= symbols.length) {
      throw new SyntaxError(
        `Cannot read a .dram: gaps must end within a tensor's ${symbols.length} weights: one leads to ${place}`,
      );
    }
    const value = stored && stored.values[i] - alphabet.low;
    symbols[place] = codeHuffmanSymbol(coder, valueCode, value) + alphabet.low;
  }
}
