import { assert, assertEquals } from "@std/assert";
import { readHandwriting } from "../../../../core/data/drawing/read_handwriting.ts";
import { resizeImage } from "../../../../core/data/formats/pictures/convert_images.ts";
import type { Picture } from "../../../../core/data/formats/pictures/picture.ts";
import { loadMnist } from "../../../../core/data/mnist.ts";
import { load } from "../../../../core/infer/load.ts";
import { DIGIT_STROKES } from "./digit_strokes.ts";
import { photograph, writeOnSheet } from "./photograph.ts";

const model = load(
  await Deno.readFile(
    new URL("../../../../models/compact/digits-98.dram", import.meta.url),
  ),
);

/** What is seen of a picture that has ink. */
function seeInk(picture: Picture): Float32Array {
  const seen = readHandwriting(picture);
  if (!seen) throw new Error("No ink was told from the paper");
  return seen;
}

/** What the model takes a picture for; undefined where there is no ink. */
function classify(picture: Picture): number | undefined {
  const seen = readHandwriting(picture);
  return seen ? model.classify(seen).classes[0] : undefined;
}

Deno.test("digits written by any pen and photographed are what they were", () => {
  for (const [digit, hands] of DIGIT_STROKES.entries()) {
    const strokes = hands[digit % 2];
    const pen = [1.5, 4, 9][digit % 3];
    const photo = photograph(writeOnSheet(strokes, pen), { seed: digit });
    assertEquals(classify(photo), digit, `by a pen of ${pen}`);
  }
});

Deno.test("MNIST's digits enlarged, printed and photographed are seen as they are", async () => {
  const { test } = await loadMnist();
  for (let image = 0; image < 10; image++) {
    const pixels = test.images.slice(784 * image, 784 * (image + 1));
    const large = resizeImage(pixels, [28, 28, 1], [168, 168]);
    const sheet = {
      pixels: new Float32Array(200 * 300),
      width: 200,
      height: 300,
    };
    large.forEach((value, index) => {
      const row = Math.floor(index / 168) + 90;
      sheet.pixels[row * 200 + index % 168 + 20] = value / 255;
    });
    const photo = photograph(sheet, { seed: image });
    assertEquals(classify(photo), model.classify(pixels).classes[0]);
  }
});

const SEVEN = writeOnSheet(DIGIT_STROKES[7][0], 4);
const PLAIN = seeInk(photograph(SEVEN, { seed: 1 }));

/** The mean difference from what is seen of a plain sheet with a seven. */
function differ(picture: Picture): number {
  return seeInk(picture).reduce(
    (sum, v, i) => sum + Math.abs(v - PLAIN[i]),
    0,
  ) / 784;
}

Deno.test("chalk on a board is seen as ink on paper is", () => {
  const { shape, pixels } = photograph(SEVEN, { seed: 1 });
  const board = { shape, pixels: pixels.map((value) => 255 - value) };
  assert(differ(board) < 0.002);
});

Deno.test("dust, and a table at the sheet's edge, are no ink", () => {
  const dirty = { ...SEVEN, pixels: SEVEN.pixels.slice() };
  for (const [x, y] of [[200, 30], [30, 300], [220, 290]]) {
    for (const step of [0, 1, 240, 241]) dirty.pixels[y * 240 + x + step] = 1;
  }
  for (let y = 0; y < 320; y++) dirty.pixels.fill(0.9, y * 240, y * 240 + 12);
  assert(differ(photograph(dirty, { seed: 1 })) < 0.01);
});

Deno.test("a sheet with nothing on it, and one colour, show no character", () => {
  const blank = { ...SEVEN, pixels: new Float32Array(240 * 320) };
  for (const seed of [1, 2, 3]) {
    assertEquals(readHandwriting(photograph(blank, { seed })), null);
  }
  for (const [width, height] of [[1, 1], [28, 28], [300, 2], [40, 40]]) {
    const pixels = new Uint8Array(width * height).fill(90);
    assertEquals(readHandwriting({ shape: [height, width, 1], pixels }), null);
  }
});

Deno.test("a picture of 28×28 stays as it is, but that ink becomes light", async () => {
  const { test } = await loadMnist();
  const pixels = new Uint8Array(test.images.subarray(0, 784));
  const expected = Float32Array.from(pixels, (value) => value / 255);
  const light = pixels.map((value) => 255 - value);
  for (const each of [pixels, light]) {
    assertEquals(
      readHandwriting({ shape: [28, 28, 1], pixels: each }),
      expected,
    );
  }
});
