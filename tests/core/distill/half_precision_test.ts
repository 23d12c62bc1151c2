import { assertEquals } from "@std/assert";
import { halfPrecisionTable } from "../../../core/distill/feature_file.ts";

Deno.test("halfPrecisionTable holds IEEE 754's landmarks", () => {
  const table = halfPrecisionTable();
  // Source: IEEE 754-2019, binary16: 1 sign, 5 exponent, 10 fraction bits.
  const landmarks: [number, number][] = [
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24], // smallest above 0
    [0x03ff, 2 ** -14 * 1023 / 1024], // largest subnormal
    [0x0400, 2 ** -14], // smallest normal
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0x3c01, 1 + 2 ** -10],
    [0xc000, -2],
    [0x7bff, 65504], // largest
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
  ];
  for (const [bits, value] of landmarks) assertEquals(table[bits], value);
});

Deno.test("halfPrecisionTable agrees with 2^(e−15)·(1 + f/1024) for all finite numbers", () => {
  const table = halfPrecisionTable();
  assertEquals(table.length, 65536);
  for (let bits = 0; bits < 65536; bits++) {
    const exponent = bits >> 10 & 31;
    const fraction = (bits & 1023) / 1024;
    if (exponent === 31) continue;
    const size = exponent === 0
      ? 2 ** -14 * fraction
      : 2 ** (exponent - 15) * (1 + fraction);
    assertEquals(table[bits], bits < 32768 ? size : -size);
  }
});
