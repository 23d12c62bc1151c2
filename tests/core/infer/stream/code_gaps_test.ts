import { assertEquals, assertThrows } from "@std/assert";
import { codeGaps } from "../../../../core/infer/stream/code_symbols.ts";

/** Passes `length` symbols of −1, 0 and 1 by a decoder that decides as `bits` say, then 1 for ever. */
function passGaps(bits: number[], length: number): number[] {
  const left = [...bits];
  const symbols = new Int16Array(length);
  const coder = { code: () => left.shift() ?? 1 };
  codeGaps(coder, { low: -1, high: 1, offset: 0 }, symbols);
  return [...symbols];
}

Deno.test("gaps end where their tensor does", () => {
  // Two zeros, 3 = 11₂, are all; no zero, 1 = 1₂, then a 1, and one zero.
  assertEquals(passGaps([1, 0, 1], 2), [0, 0]);
  assertEquals(passGaps([0, 1, 1, 0, 0], 2), [1, 0]);
});

Deno.test("a gap that leads beyond its tensor, or never ends, is refused", () => {
  for (const bits of [[1, 1, 0, 0, 0], []]) {
    assertThrows(
      () => passGaps(bits, 2),
      SyntaxError,
      "gaps between weights must end where their tensor does",
    );
  }
});
