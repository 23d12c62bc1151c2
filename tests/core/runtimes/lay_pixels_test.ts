import { assertEquals, assertRejects } from "@std/assert";
import {
  answerInBatches,
  layPixels,
} from "../../../core/runtimes/lay_pixels.ts";

const task = { input: [1, 1, 1] as const, classes: 2 };
const layout = { batch: 4 };

Deno.test("a model of four images at once answers for seven, each its own", async () => {
  const images = Uint8Array.of(1, 2, 3, 4, 5, 6, 7);
  const answers = await answerInBatches(
    images,
    task,
    layout,
    (part) =>
      Promise.resolve(
        Float32Array.from({ length: 8 }, (_, i) => part[i >> 1] + i % 2),
      ),
  );
  assertEquals(answers.length, 14);
  assertEquals(answers.slice(-2), Float32Array.of(7, 8));
});

Deno.test("a model of four images at once that gives fewer numbers is refused, not filled with zeros", async () => {
  await assertRejects(
    () =>
      answerInBatches(
        new Uint8Array(7),
        task,
        layout,
        () => Promise.resolve(Float32Array.of(1, 2)),
      ),
    Error,
    "it must give 2 numbers an image: it gives 2 of 4 images",
  );
});

/** Two images of 2 × 3 pixels of three colours. */
const IMAGES = Uint8Array.from({ length: 2 * 2 * 3 * 3 }, (_, i) => i * 29);
const PIXELS = {
  scale: 255,
  mean: [103.94, 116.78, 123.68],
  deviation: [58.4, 57.1, 57.38],
};

Deno.test("pixels are laid as a model reads them, to the bit: in the order of its axes and colours, scaled, normalised", () => {
  for (const channelsFirst of [false, true]) {
    for (const bgr of [false, true]) {
      for (const pixels of [undefined, PIXELS]) {
        const floats: number[] = [];
        const bytes: number[] = [];
        for (let image = 0; image < 2; image++) {
          for (let place = 0; place < 6; place++) {
            for (let channel = 0; channel < 3; channel++) {
              const colour = bgr ? 2 - channel : channel;
              const byte = IMAGES[(image * 6 + place) * 3 + colour];
              const to = channelsFirst
                ? (image * 3 + channel) * 6 + place
                : (image * 6 + place) * 3 + channel;
              bytes[to] = byte;
              floats[to] = pixels
                ? (byte / 255 * 255 - pixels.mean[channel]) /
                  pixels.deviation[channel]
                : byte / 255;
            }
          }
        }
        const lay = layPixels(
          { input: [2, 3, 3], classes: 2, bgr, pixels },
          { channelsFirst },
        );
        // The array that others were laid in before is laid in whole.
        for (const count of [2, 1, 2]) {
          const images = IMAGES.subarray(0, count * 18);
          assertEquals(
            lay.floats(images),
            Float32Array.from(floats).subarray(0, count * 18),
          );
          assertEquals(
            lay.bytes(images),
            Uint8Array.from(bytes).subarray(0, count * 18),
          );
          lay.floats(images).fill(NaN);
          lay.bytes(images).fill(77);
        }
      }
    }
  }
});
