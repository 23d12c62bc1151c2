import { assert, assertEquals } from "@std/assert";
import { drawFlips, flipImages } from "../../../core/data/flip_images.ts";
import { randomStream } from "../../../core/random/stream.ts";

Deno.test("flipImages mirrors each row of those that it is told of, channels kept", () => {
  const images = Uint8Array.from({ length: 3 * 12 }, (_, i) => i);
  const shape = [2, 3, 2] as const;
  const flipped = flipImages(images, shape, [false, true, false]);
  assertEquals(
    [...flipped.subarray(12, 24)],
    [16, 17, 14, 15, 12, 13, 22, 23, 20, 21, 18, 19],
  );
  assertEquals(flipped.subarray(0, 12), images.subarray(0, 12));
  assertEquals(flipped.subarray(24), images.subarray(24));
  assertEquals(flipImages(flipped, shape, [false, true, false]), images);
});

Deno.test("drawFlips mirrors about half", () => {
  const count = drawFlips(1000, randomStream(1)).filter(Boolean).length;
  assert(count > 440 && count < 560, `${count} of 1000`);
});
