import { assert } from "@std/assert";
import { measureCoding } from "../../../../core/compress/code/choose_coding.ts";
import {
  countValues,
  huffmanLengths,
} from "../../../../core/compress/code/huffman_lengths.ts";
import { entropy } from "../../../../core/infer/inspect_dram.ts";
import { levelAlphabet } from "../../../../core/infer/stream/alphabet.ts";
import type { Geometry } from "../../../../core/infer/stream/code_levels.ts";
import type { SymbolCoding } from "../../../../core/infer/stream/code_symbols.ts";
import { LevelModel } from "../../../../core/infer/stream/level_model.ts";
import { type LevelSource, makeUpLevels } from "./made_up_levels.ts";

const SOURCES: LevelSource[] = [
  { shape: "gaussian", bits: 2, spread: 0.8 },
  { shape: "gaussian", bits: 3, spread: 1.6 },
  { shape: "gaussian", bits: 4, spread: 3 },
  { shape: "laplacian", bits: 3, spread: 1 },
  { shape: "laplacian", bits: 4, spread: 2 },
  { shape: "laplacian", bits: 4, spread: 2, pruned: 0.8 },
];

function tensorOf(source: LevelSource, count: number) {
  const geometry: Geometry = [3, 3, count / 9 / 10, 10];
  const symbols = makeUpLevels(1, count, source);
  return { alphabet: levelAlphabet(source.bits), geometry, symbols };
}

function measure(source: LevelSource, count: number, coding: SymbolCoding) {
  const tensor = tensorOf(source, count);
  const bits = measureCoding(tensor, coding, new LevelModel());
  return { bits, bound: entropy(tensor.symbols) * count };
}

for (const source of SOURCES) {
  for (const count of [540, 2700]) {
    const { shape, bits, spread, pruned } = source;
    const what = `${count} ${shape} levels of ${bits} bits, spread ${spread}${
      pruned ? `, ${pruned} pruned` : ""
    }`;
    Deno.test(`adaptive coding of ${what} stays near the entropy bound`, () => {
      const { bits, bound } = measure(source, count, { kind: "adaptive" });
      // What a two-part code would pay to say how often each of k symbols occurs
      // (Rissanen, 1978): (k − 1) / 2 · log2 n bits; and 1% of the bound.
      const parameters = (2 ** source.bits - 1) / 2;
      const limit = bound * 1.01 + parameters * Math.log2(count);
      assert(bits <= limit, `${bits} bits: the limit is ${limit}`);
    });
  }
}

for (const source of SOURCES) {
  Deno.test(`Huffman coding of ${source.shape} levels of ${source.bits} bits, spread ${source.spread}, takes the entropy to 1 bit more a symbol`, () => {
    const { symbols, alphabet } = tensorOf(source, 2700);
    const places = symbols.map((symbol) => symbol - alphabet.low);
    const counts = countValues(places, 2 ** source.bits);
    const lengths = huffmanLengths(counts);
    const words = places.reduce((sum, place) => sum + lengths[place], 0);
    const bound = entropy(symbols) * symbols.length;
    assert(words >= bound && words < bound + symbols.length);
    const { bits } = measure(source, 2700, { kind: "huffman", lengths });
    const table = bits - words;
    // The table counts: some bits a symbol of the alphabet.
    assert(table > 0 && table < 8 + 6 * 2 ** source.bits, `table ${table}`);
  });
}

Deno.test("weights that resemble their neighbours take fewer bits than their entropy", () => {
  const alphabet = levelAlphabet(4);
  const noise = makeUpLevels(2, 900, {
    shape: "gaussian",
    bits: 4,
    spread: 0.7,
  });
  const symbols = noise.map((level, place) =>
    Math.max(-8, Math.min(7, level + Math.round(6 * Math.sin(place / 90))))
  );
  const geometry: Geometry = [30, 30, 1, 1];
  const tensor = { alphabet, geometry, symbols };
  const bits = measureCoding(tensor, { kind: "adaptive" }, new LevelModel());
  assert(bits < 0.75 * entropy(symbols) * 900, `${bits}`);
});
