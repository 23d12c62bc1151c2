import { assertEquals } from "@std/assert";
import {
  decodeHalf,
  encodeHalf,
  roundToHalf,
} from "../../../core/infer/half.ts";

// Source of both: the engine's own binary16, IEEE 754-2019.
const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
const numbers = new Float16Array(all.buffer);

Deno.test("decodeHalf is the number of each of the 65,536 patterns", () => {
  for (const bits of all) assertEquals(decodeHalf(bits), numbers[bits]);
});

Deno.test("encodeHalf gives back the pattern of every number", () => {
  for (const bits of all) {
    if (!Number.isNaN(numbers[bits])) {
      assertEquals(encodeHalf(numbers[bits]), bits);
    }
  }
});

Deno.test("roundToHalf takes the nearest, of two the even one, and ±∞ beyond 65,519", () => {
  assertEquals(roundToHalf(1 + 2 ** -11), 1);
  assertEquals(roundToHalf(1 + 3 * 2 ** -11), 1 + 2 ** -9);
  assertEquals(roundToHalf(2 ** -25), 0);
  assertEquals(roundToHalf(65519), 65504);
  assertEquals(roundToHalf(-65520), -Infinity);
});

Deno.test("roundToHalf with fewer fraction bits takes the nearest such number, zeros behind it", () => {
  // Up to 32,768: from the last such number on, the next is ∞.
  for (let bits = 0; bits < 0x7800; bits += 3) {
    const value = decodeHalf(bits);
    for (const fractionBits of [0, 3, 9]) {
      const rounded = roundToHalf(value, fractionBits);
      const unit = 2 ** (10 - fractionBits);
      const below = decodeHalf(bits - bits % unit);
      const above = decodeHalf(bits - bits % unit + unit);
      assertEquals(encodeHalf(rounded) % unit, 0);
      const nearest = Math.min(value - below, above - value);
      assertEquals(Math.abs(rounded - value), nearest);
    }
  }
});

Deno.test("roundToHalf with fewer fraction bits keeps signs, 0 and ∞", () => {
  assertEquals(roundToHalf(-1.06, 3), -1);
  assertEquals(roundToHalf(-1.07, 3), -1.125);
  assertEquals(roundToHalf(0, 3), 0);
  assertEquals(roundToHalf(1e6, 3), Infinity);
});
