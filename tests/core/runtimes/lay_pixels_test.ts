import { assertEquals, assertRejects } from "@std/assert";
import { answerInBatches } from "../../../core/runtimes/lay_pixels.ts";

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
