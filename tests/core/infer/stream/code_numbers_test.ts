import { assertEquals, assertThrows } from "@std/assert";
import { BitMeter } from "../../../../core/compress/code/bit_meter.ts";
import { RangeEncoder } from "../../../../core/compress/code/range_encoder.ts";
import type { BitCoder } from "../../../../core/infer/stream/bit_coder.ts";
import {
  codeBits,
  codeChoice,
  codeNumber,
  codeSigned,
} from "../../../../core/infer/stream/code_numbers.ts";
import { RangeDecoder } from "../../../../core/infer/stream/range_decoder.ts";
import { fc } from "../../../seeded_check.ts";

/** The bits that pass, as text. */
function bitsOf(pass: (coder: BitCoder) => void): string {
  let text = "";
  pass({
    code(_probability, bit) {
      text += bit;
      return bit;
    },
  });
  return text;
}

Deno.test("Exp-Golomb words are those of the book", () => {
  // Source: Teuhola, 1978; order 0 as in ITU-T H.264, 9.1, with unary ones for its zeros.
  const words = [0, 1, 2, 3, 4].map((value) =>
    bitsOf((coder) => codeNumber(coder, 0, value))
  );
  assertEquals(words, ["0", "100", "101", "11000", "11001"]);
  assertEquals(bitsOf((coder) => codeNumber(coder, 2, 3)), "011");
  assertEquals(bitsOf((coder) => codeNumber(coder, 2, 4)), "10000");
});

Deno.test("signed numbers go 0, −1, 1, −2, 2", () => {
  const words = [0, -1, 1, -2, 2].map((value) =>
    bitsOf((coder) => codeSigned(coder, 0, value))
  );
  assertEquals(words, ["0", "100", "101", "11000", "11001"]);
});

Deno.test("a choice costs the logarithm of its share", () => {
  const choices = [["a", 4], ["b", 2], ["c", 1], ["d", 1]] as const;
  const costs = choices.map(([choice]) => {
    const meter = new BitMeter();
    codeChoice(meter, choices, choice);
    return meter.bits;
  });
  assertEquals(costs, [1, 2, 3, 3]);
  assertThrows(
    () => codeChoice<string>(new BitMeter(), choices, "e"),
    RangeError,
    "current value is e",
  );
});

Deno.test("numbers come back from a range-coded stream", () => {
  const number = fc.tuple(fc.nat(4), fc.nat(100_000), fc.integer());
  fc.assert(
    fc.property(fc.array(number, { maxLength: 20 }), (numbers) => {
      const pass = (coder: BitCoder, known: boolean) =>
        numbers.map(([order, value, any]) => [
          order,
          codeNumber(coder, order, known ? value : undefined),
          codeBits(coder, 32, known ? any >>> 0 : undefined) | 0,
        ]);
      const encoder = new RangeEncoder();
      pass(encoder, true);
      const decoder = new RangeDecoder(encoder.finish());
      assertEquals(pass(decoder, false), numbers);
      decoder.checkUsedUp();
    }),
  );
});

Deno.test("a number of more than 24 bits is refused, not waited for", () => {
  const ones = { code: () => 1 };
  assertThrows(() => codeNumber(ones, 0), RangeError, "below 2^24");
});
