import { assertEquals, assertThrows } from "@std/assert";
import {
  convertImages,
  resizeImage,
} from "../../../../../core/data/formats/pictures/convert_images.ts";

/** `length` bytes of a linear congruential generator, as the golden values' program has them. */
function drawBytes(length: number, seed: number): Uint8Array<ArrayBuffer> {
  let state = BigInt(seed);
  return Uint8Array.from({ length }, () => {
    state = (state * 1103515245n + 12345n) % 2n ** 31n;
    return Number((state >> 16n) & 255n);
  });
}

/** What Pillow 9.4 makes of such images by `resize((w, h), BILINEAR)`. */
const PILLOW: [[number, number, number], [number, number], number[]][] = [
  [[7, 5, 1], [3, 2], [125, 142, 144, 117, 123, 118]],
  [
    [4, 6, 3],
    [3, 4],
    [
      ...[120, 83, 100, 63, 150, 152, 144, 166, 63, 104, 165, 130],
      ...[72, 124, 99, 98, 164, 145, 149, 136, 90, 134, 80, 112],
      ...[69, 158, 88, 121, 131, 100, 122, 92, 113, 134, 85, 170],
    ],
  ],
  [
    [3, 2, 1],
    [5, 7],
    [
      ...[108, 108, 102, 93, 84, 78, 78, 111, 111, 110, 108, 106, 105, 105],
      ...[116, 116, 122, 131, 140, 146, 146, 58, 58, 63, 69, 76, 81, 81],
      ...[19, 19, 23, 28, 33, 37, 37],
    ],
  ],
  [
    [40, 33, 1],
    [4, 5],
    [
      ...[133, 134, 134, 120, 126, 138, 127, 127, 128, 121],
      ...[135, 126, 123, 122, 120, 126, 128, 125, 128, 120],
    ],
  ],
  [
    [6, 6, 1],
    [6, 3],
    [
      ...[119, 93, 225, 80, 148, 55, 106, 145, 154],
      ...[158, 117, 180, 149, 170, 94, 162, 194, 161],
    ],
  ],
];

for (const [shape, size, expected] of PILLOW) {
  Deno.test(`resizeImage makes ${size.join("×")} of ${shape.join("×")} as Pillow does`, () => {
    const [height, width, channels] = shape;
    const pixels = drawBytes(
      height * width * channels,
      height * width + channels,
    );
    const resized = resizeImage(pixels, shape, size);
    assertEquals([...resized], expected);
  });
}

Deno.test("convertImages makes grey of colours and colours of grey, image by image", () => {
  const colours = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 200, 100, 50);
  // Pillow's convert("L").
  assertEquals(
    convertImages(colours, [1, 2, 3], [1, 2, 1]),
    Uint8Array.of(76, 150, 29, 124),
  );
  assertEquals(
    convertImages(Uint8Array.of(1, 2), [1, 1, 1], [1, 2, 3]),
    Uint8Array.of(1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2),
  );
  assertThrows(
    () => convertImages(new Uint8Array(2), [1, 1, 2], [1, 1, 1]),
    RangeError,
    "they have 2",
  );
});
