import { assert, assertEquals, assertThrows } from "@std/assert";
import type { ImageShape } from "../../../core/data/dataset.ts";
import { drawShifts, shiftImages } from "../../../core/data/shift_images.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { fc } from "../../seeded_check.ts";

/** The pixel that lies at row, column and channel; 0 outside of the image. */
function pixelAt(
  image: Uint8Array,
  [height, width, channels]: ImageShape,
  [row, column, channel]: [number, number, number],
): number {
  if (row < 0 || row >= height || column < 0 || column >= width) return 0;
  return image[(row * width + column) * channels + channel];
}

Deno.test("shiftImages moves every pixel by one offset and fills with zeros", () => {
  const extent = fc.integer({ min: 1, max: 6 });
  const channels = fc.integer({ min: 1, max: 3 });
  fc.assert(
    fc.property(extent, extent, channels, fc.nat(8), fc.nat(), (...drawn) => {
      const [height, width, depth, reach, seed] = drawn;
      const shape: ImageShape = [height, width, depth];
      const size = height * width * depth;
      const images = Uint8Array.from({ length: 2 * size }, (_, i) => i + 1);
      const shifts = drawShifts(2, reach, randomStream(seed));
      const moved = shiftImages(images, shape, shifts);
      const offsets = randomStream(seed);
      for (const start of [0, size]) {
        const image = images.subarray(start, start + size);
        const down = offsets.below(2 * reach + 1) - reach;
        const across = offsets.below(2 * reach + 1) - reach;
        for (let i = 0; i < size; i++) {
          const channel = i % depth;
          const column = Math.floor(i / depth) % width;
          const row = Math.floor(i / depth / width);
          assertEquals(
            moved[start + i],
            pixelAt(image, shape, [row - down, column - across, channel]),
          );
        }
      }
    }),
  );
});

Deno.test("drawShifts uses every offset up to its reach", () => {
  const image = new Uint8Array(25);
  image[12] = 1; // the centre of 5×5
  const random = randomStream(1);
  const places = new Set(Array.from(
    { length: 300 },
    () => shiftImages(image, [5, 5, 1], drawShifts(1, 2, random)).indexOf(1),
  ));
  assert(!places.has(-1));
  assertEquals(places.size, 25);
});

Deno.test("drawShifts refuses a negative reach", () => {
  assertThrows(
    () => drawShifts(1, -1, randomStream(1)),
    RangeError,
  );
});
