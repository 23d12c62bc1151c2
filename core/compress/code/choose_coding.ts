import { type Alphabet, alphabetSize } from "../../infer/stream/alphabet.ts";
import { isAscending } from "../../infer/stream/code_ascending.ts";
import type { HuffmanGaps } from "../../infer/stream/code_huffman_gaps.ts";
import {
  codeSymbols,
  isRow,
  isSparse,
  type SymbolCoding,
  type SymbolTensor,
} from "../../infer/stream/code_symbols.ts";
import type { LevelModel } from "../../infer/stream/level_model.ts";
import { BitMeter } from "./bit_meter.ts";
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
 * import { storeGaps } from "./choose_coding.ts";
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

/**
 * Every way in which a tensor's symbols can be coded, but for those whose tables, of a
 * bit or more an entry, take more than `most` bits by themselves.
 */
export function listCodings(
  { alphabet, symbols, geometry }: SymbolTensor,
  most = Infinity,
): SymbolCoding[] {
  const size = alphabetSize(alphabet);
  const codings: SymbolCoding[] = [{ kind: "adaptive" }, { kind: "fixed" }];
  if (size <= most) {
    const places = symbols.map((symbol) => symbol - alphabet.low);
    const lengths = huffmanLengths(countValues(places, size));
    codings.push({ kind: "huffman", lengths });
  }
  if (isRow(geometry) && isAscending(symbols)) {
    codings.push({ kind: "ascending" });
  }
  if (!isSparse(alphabet)) return codings;
  codings.push({ kind: "gaps" });
  // Where nothing is stored there are no tables.
  const tables = symbols.some((symbol) => symbol !== 0) ? 1 : 0;
  for (let bits = 1; bits <= 8; bits++) {
    if (tables * (size + 2 ** bits) > most) break;
    const stored = storeGaps(symbols, alphabet, bits);
    codings.push({ kind: "huffmanGaps", stored });
  }
  return codings;
}

/** What `coding` costs in bits, its kind and tables counted, where `model` has learnt from the tensors before. */
export function measureCoding(
  tensor: SymbolTensor,
  coding: SymbolCoding,
  model: LevelModel,
): number {
  const meter = new BitMeter();
  // The others don't learn.
  const learning = coding.kind === "adaptive" ? model.clone() : model;
  codeSymbols(meter, learning, { tensor, coding });
  return meter.bits;
}

/** The coding that costs least. */
export function chooseCoding(
  tensor: SymbolTensor,
  model: LevelModel,
): SymbolCoding {
  let best: SymbolCoding = { kind: "adaptive" };
  let least = measureCoding(tensor, best, model);
  for (const coding of listCodings(tensor, least)) {
    if (coding.kind === "adaptive") continue;
    const bits = measureCoding(tensor, coding, model);
    if (bits < least) [best, least] = [coding, bits];
  }
  return best;
}
