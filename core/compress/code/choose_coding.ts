import { alphabetSize } from "../../infer/stream/alphabet.ts";
import { isAscending } from "../../infer/stream/code_ascending.ts";
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
import { storeGaps } from "./store_gaps.ts";

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
