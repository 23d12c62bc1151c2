import { type Alphabet, alphabetSize } from "../../infer/stream/alphabet.ts";
import type { HuffmanGaps } from "../../infer/stream/code_huffman_gaps.ts";
import { countValues, huffmanLengths } from "./huffman_lengths.ts";

/**
 * A sparse tensor's symbols as Deep Compression stores them, with gaps of `bits`
 * bits: the zeros before each other symbol, and where those are 2^bits or more, a
 * filler 0 after every 2^bits − 1.
 *
 * Source: Han, Mao and Dally, "Deep Compression", 2016, figure 2.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { storeGaps } from "./store_gaps.ts";
 *
 * const alphabet = { low: -1, high: 1, offset: 0 } as const;
 * const { gaps, values } = storeGaps(Int16Array.of(0, 1, 0, 0, 0, 0, -1, 0), alphabet, 2);
 * assertEquals(gaps, [1, 3, 0]);
 * assertEquals(values, [1, 0, -1]);
 * ```
 */
export function storeGaps(
  symbols: Int16Array,
  alphabet: Alphabet,
  bits: number,
): HuffmanGaps {
  const [gaps, values]: [number[], number[]] = [[], []];
  const longest = 2 ** bits - 1;
  let last = -1;
  for (let place = 0; place < symbols.length; place++) {
    if (symbols[place] === 0) continue;
    for (; place - last - 1 > longest; last += longest + 1) {
      gaps.push(longest);
      values.push(0);
    }
    gaps.push(place - last - 1);
    values.push(symbols[place]);
    last = place;
  }
  const places = values.map((value) => value - alphabet.low);
  return {
    bits,
    gaps,
    values,
    gapLengths: huffmanLengths(countValues(gaps, 2 ** bits)),
    valueLengths: huffmanLengths(countValues(places, alphabetSize(alphabet))),
  };
}
