import { assertEquals, assertThrows } from "@std/assert";
import {
  readsHandwriting,
  seePicture,
} from "../../../../core/data/drawing/see_picture.ts";
import { convertImages } from "../../../../core/data/formats/pictures/convert_images.ts";
import { DIGIT_STROKES } from "./digit_strokes.ts";
import { photograph, writeOnSheet } from "./photograph.ts";

const photo = photograph(writeOnSheet(DIGIT_STROKES[5][1], 3), { seed: 5 });
const letters = [..."abc"];

Deno.test("28×28 greys in classes of one character each are handwriting, nothing else is", () => {
  const grey = [28, 28, 1] as const;
  assertEquals(readsHandwriting({ input: grey, classNames: letters }), true);
  assertEquals(
    readsHandwriting({ input: grey, classNames: ["a", "shirt"] }),
    false,
  );
  for (const input of [[28, 28, 3], [32, 32, 1]] as const) {
    assertEquals(readsHandwriting({ input, classNames: letters }), false);
  }
});

Deno.test("a model of colours sees the whole picture, as data are resized", () => {
  const input = [32, 32, 3] as const;
  assertEquals(seePicture(photo, { input, classNames: letters }), {
    pixels: convertImages(photo.pixels, photo.shape, input),
    handwriting: false,
  });
});

Deno.test("a model of two channels is shown no picture", () => {
  assertThrows(
    () => seePicture(photo, { input: [8, 8, 2], classNames: letters }),
    RangeError,
    "it must read 1 channel or 3: it reads 2",
  );
});
