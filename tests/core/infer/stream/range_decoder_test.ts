import { assert, assertEquals, assertThrows } from "@std/assert";
import { BitMeter } from "../../../../core/compress/code/bit_meter.ts";
import { RangeEncoder } from "../../../../core/compress/code/range_encoder.ts";
import { RangeDecoder } from "../../../../core/infer/stream/range_decoder.ts";
import { fc } from "../../../seeded_check.ts";

const bits = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 65535 }), fc.nat(1)),
  { maxLength: 300 },
);

Deno.test("bits of any probabilities come back, at their cost and less than a byte more", () => {
  fc.assert(
    fc.property(bits, (bits) => {
      const [encoder, meter] = [new RangeEncoder(), new BitMeter()];
      for (const [probability, bit] of bits) {
        encoder.code(probability, bit);
        meter.code(probability, bit);
      }
      const bytes = encoder.finish();
      // Cuts are rounded to 2^−24 of the range at worst, 1 / 256 of the least share.
      assert(bytes.length * 8 < meter.bits * 1.001 + 8 + bits.length * 0.001);
      const decoder = new RangeDecoder(bytes);
      const decoded = bits.map(([probability]) => decoder.code(probability));
      assertEquals(decoded, bits.map(([, bit]) => bit));
      decoder.checkUsedUp();
    }),
  );
});

Deno.test("a carry runs through bytes of 255", () => {
  const encoder = new RangeEncoder();
  // Zeros of probability ½ move the interval's start up to 0.111…₂.
  for (let i = 0; i < 60; i++) encoder.code(32768, 0);
  for (let i = 0; i < 20; i++) encoder.code(3, 0);
  const decoder = new RangeDecoder(encoder.finish());
  for (let i = 0; i < 60; i++) assertEquals(decoder.code(32768), 0);
  for (let i = 0; i < 20; i++) assertEquals(decoder.code(3), 0);
});

Deno.test("no bits need no bytes", () => {
  assertEquals(new RangeEncoder().finish(), new Uint8Array(0));
});

Deno.test("a decoder takes no more than four bytes that aren't there", () => {
  const decoder = new RangeDecoder(Uint8Array.of(0x12));
  assertThrows(
    () => {
      for (let i = 0; i < 100; i++) decoder.code(32768);
    },
    SyntaxError,
    "its stream ends before its model does: it has 1 bytes",
  );
});

Deno.test("a decoder says how many bytes it hasn't needed", () => {
  const decoder = new RangeDecoder(new Uint8Array(9));
  assertThrows(() => decoder.checkUsedUp(), SyntaxError, "5 bytes are left");
});
