import { assert, assertEquals } from "@std/assert";
import { BitMeter } from "../../../../core/compress/code/bit_meter.ts";
import { codeAscending } from "../../../../core/infer/stream/code_ascending.ts";

const ALPHABET = { low: -8, high: 7, offset: 0 } as const;

Deno.test("every row of 10 of 16 symbols costs log2 C(25, 10) bits", () => {
  // Source: C(25, 10) = 3,268,760.
  const rows = [
    new Int16Array(10).fill(-8),
    new Int16Array(10).fill(7),
    Int16Array.of(-7, -5, -5, -1, 0, 0, 2, 3, 3, 6),
  ];
  for (const row of rows) {
    const meter = new BitMeter();
    codeAscending(meter, ALPHABET, row);
    assert(Math.abs(meter.bits - Math.log2(3_268_760)) < 0.01);
  }
});

Deno.test("an alphabet of one symbol needs no bits", () => {
  const meter = new BitMeter();
  codeAscending(meter, { low: 0, high: 0, offset: 0 }, new Int16Array(5));
  assertEquals(meter.bits, 0);
});
