import { assert, assertEquals } from "@std/assert";
import {
  chooseCoding,
  listCodings,
  measureCoding,
} from "../../../../core/compress/code/choose_coding.ts";
import { RangeEncoder } from "../../../../core/compress/code/range_encoder.ts";
import {
  type Alphabet,
  levelAlphabet,
} from "../../../../core/infer/stream/alphabet.ts";
import type { Geometry } from "../../../../core/infer/stream/code_levels.ts";
import { codeSymbols } from "../../../../core/infer/stream/code_symbols.ts";
import { LevelModel } from "../../../../core/infer/stream/level_model.ts";
import { RangeDecoder } from "../../../../core/infer/stream/range_decoder.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import { fc } from "../../../seeded_check.ts";
import { makeUpLevels } from "./made_up_levels.ts";

const alphabets = fc.record({
  low: fc.integer({ min: -128, max: 0 }),
  size: fc.integer({ min: 1, max: 128 }),
  offset: fc.constantFrom(0, 128),
}).map(({ low, size, offset }): Alphabet => ({
  low,
  high: low + size - 1,
  offset: offset ? 128 : 0,
}));

const tensors = alphabets.chain((alphabet) => {
  const { low, high } = alphabet;
  const zero = Math.max(low, Math.min(high, 0));
  const symbol = fc.oneof(
    fc.integer({ min: low, max: high }),
    fc.constant(zero),
  );
  return fc.record({
    symbols: fc.array(symbol, { minLength: 12, maxLength: 12 }),
    // A kernel; or a row, as biases are, whose channels may have been sorted.
    kind: fc.constantFrom("kernel", "row", "sorted"),
  }).map(({ symbols, kind }) => ({
    alphabet,
    geometry: (kind === "kernel" ? [2, 1, 2, 3] : [1, 1, 1, 12]) as Geometry,
    symbols: kind === "sorted"
      ? Int16Array.from(symbols).sort()
      : Int16Array.from(symbols),
  }));
});

Deno.test("symbols come back from every way of coding, at the cost that was measured", () => {
  fc.assert(
    fc.property(tensors, (tensor) => {
      for (const coding of listCodings(tensor)) {
        const encoder = new RangeEncoder();
        codeSymbols(encoder, new LevelModel(), { tensor, coding });
        const bytes = encoder.finish();
        const symbols = new Int16Array(12);
        const decoder = new RangeDecoder(bytes);
        const decoded = { ...tensor, symbols };
        codeSymbols(decoder, new LevelModel(), { tensor: decoded });
        assertEquals(symbols, tensor.symbols, coding.kind);
        const bits = measureCoding(tensor, coding, new LevelModel());
        assert(bytes.length * 8 < bits + 8.1, `${coding.kind}: ${bits}`);
      }
    }),
  );
});

Deno.test("the coding that is chosen costs no more than any other", () => {
  fc.assert(
    fc.property(tensors, (tensor) => {
      const model = new LevelModel();
      const least = measureCoding(tensor, chooseCoding(tensor, model), model);
      for (const coding of listCodings(tensor)) {
        assert(least <= measureCoding(tensor, coding, model));
      }
    }),
  );
});

/** The cheapest coding for levels of 4 bits in one long row. */
function chosenFor(symbols: Int16Array) {
  const tensor = {
    alphabet: levelAlphabet(4),
    geometry: [1, 1, symbols.length, 1] as Geometry,
    symbols,
  };
  return chooseCoding(tensor, new LevelModel()).kind;
}

Deno.test("a peaked tensor is coded adaptively, an even one by bits of fixed width", () => {
  const peaked = makeUpLevels(1, 1000, {
    shape: "laplacian",
    bits: 4,
    spread: 1,
  });
  assertEquals(chosenFor(peaked), "adaptive");
  const random = randomStream(1, "even");
  const even = Int16Array.from({ length: 1600 }, () => random.below(16) - 8);
  assertEquals(chosenFor(even), "fixed");
});

Deno.test("trying a coding teaches the model nothing", () => {
  const symbols = makeUpLevels(1, 90, {
    shape: "laplacian",
    bits: 3,
    spread: 1,
  });
  const tensor = {
    alphabet: levelAlphabet(3),
    geometry: [3, 3, 1, 10] as Geometry,
    symbols,
  };
  const model = new LevelModel();
  const first = measureCoding(tensor, { kind: "adaptive" }, model);
  assertEquals(measureCoding(tensor, { kind: "adaptive" }, model), first);
});
