import { assertEquals } from "@std/assert";
import decodeQR from "qr/decode";
import { drawQrCode, type QrCode } from "../../../core/charts/qr_code.ts";

/** Pixels along a module. */
const SCALE = 3;

/** The picture of a code: its path's rectangles on white, RGBA. */
function rasterise({ size, path }: QrCode) {
  const side = size * SCALE;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  const runs = path.matchAll(/M(\d+) (\d+)h(\d+)v1H\1z/g);
  for (const [, x, y, length] of [...runs].map((run) => run.map(Number))) {
    for (let row = y * SCALE; row < (y + 1) * SCALE; row++) {
      for (let column = x * SCALE; column < (x + length) * SCALE; column++) {
        data.fill(0, (row * side + column) * 4, (row * side + column) * 4 + 3);
      }
    }
  }
  return { width: side, height: side, data };
}

/** What a reader that shares no code with the writer reads. */
function readCode(text: string): string {
  const code = drawQrCode(text);
  if (!code) throw new Error("the text does not fit");
  return decodeQR(rasterise(code));
}

Deno.test("an independent reader reads what was written", () => {
  const origin = "https://retort.example/?model=digits-99#";
  for (const length of [0, 1, 300, 830, 1753, 2913]) {
    const text = origin + "1yE-_aBcD0.".repeat(400).slice(0, length);
    assertEquals(readCode(text), text);
  }
  assertEquals(readCode("Zürich, 9 ≠ 4"), "Zürich, 9 ≠ 4");
});

Deno.test("the path is all of the code, with a light border of four modules", () => {
  const code = drawQrCode("https://example.org/");
  if (!code) throw new Error("the text does not fit");
  assertEquals(code.path.replaceAll(/M\d+ \d+h\d+v1H\d+z/g, ""), "");
  const { data, width } = rasterise(code);
  const dark = [...Array(width * width).keys()].filter((i) =>
    data[i * 4] === 0
  );
  const rows = dark.map((i) => Math.floor(i / width));
  const columns = dark.map((i) => i % width);
  for (const places of [rows, columns]) {
    assertEquals(Math.min(...places), 4 * SCALE);
    assertEquals(Math.max(...places), width - 4 * SCALE - 1);
  }
});

Deno.test("bytes, not characters, decide whether a text fits", () => {
  assertEquals(drawQrCode("ü".repeat(1476))?.size, 177 + 8);
  assertEquals(drawQrCode("ü".repeat(1477)), null);
  assertEquals(drawQrCode("a".repeat(2953))?.size, 177 + 8);
  assertEquals(drawQrCode("a".repeat(2954)), null);
});
