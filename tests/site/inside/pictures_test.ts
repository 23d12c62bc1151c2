import { assertEquals, assertThrows } from "@std/assert";
import {
  drawInk,
  drawMarked,
  drawSigned,
  encodePng,
} from "../../../site/inside/pictures.ts";
import type { InsidePicture } from "../../../site/inside_data.ts";
import { fc } from "../../seeded_check.ts";
import { readPng } from "./read_png.ts";

const PALETTE = Array.from(
  { length: 16 },
  (_, i) => [i, 2 * i, 3 * i, 17 * i] as const,
);

function pixelsOf({ png }: InsidePicture): number[] {
  return readPng(Uint8Array.fromBase64(png)).pixels;
}

Deno.test("a PNG holds every pixel and every colour, whatever its size", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.nat(15), { minLength: 1, maxLength: 9 }),
      (width, rows) => {
        const pixels = rows.flatMap((row) =>
          Array.from({ length: width }, (_, i) => (row + 7 * i) % 16)
        );
        const read = readPng(
          encodePng({ width, height: rows.length, pixels, palette: PALETTE }),
        );
        assertEquals(read, {
          ...{ width, height: rows.length, pixels },
          palette: PALETTE.map((colour) => [...colour]),
        });
      },
    ),
  );
});

Deno.test("a PNG refuses colours that it has no room for", () => {
  const image = { width: 1, height: 1, pixels: [3], palette: [[0, 0, 0, 0]] };
  const palette = [...PALETTE, PALETTE[0]];
  assertThrows(
    () => encodePng({ ...image, palette: [[0, 0, 0, 0]] }),
    RangeError,
    "number 0 is 3",
  );
  assertThrows(() => encodePng({ ...image, palette }), RangeError, "17");
});

Deno.test("only nothing looks like nothing: the smallest share has a step of its own", () => {
  assertEquals(pixelsOf(drawInk(4, [0, 1e-9, 0.5, 1])), [0, 1, 8, 15]);
});

Deno.test("signs are told apart by colour, sizes by strength", () => {
  assertEquals(
    pixelsOf(drawSigned(5, [0, 1e-9, 1, -1e-9, -1])),
    [0, 1, 7, 8, 14],
  );
});

Deno.test("a mark hides how much there is", () => {
  const marks = ["none", "none", "grey", "vermillion"] as const;
  assertEquals(pixelsOf(drawMarked(2, [0, 1, 1, 0], marks)), [0, 13, 14, 15]);
});
