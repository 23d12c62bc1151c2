import { assertEquals, assertThrows } from "@std/assert";
import { load, loadEncoded } from "../../../core/infer/load.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { smallDram, smallModel } from "./small_model.ts";

const random = randomStream(1, "load");
const IMAGES = Uint8Array.from({ length: 3 * 784 }, () => random.below(256));

Deno.test("a file classifies as the model that it was made of", () => {
  const model = load(smallDram());
  assertEquals(model.labels, [..."0123456789"]);
  const expected = loadEncoded(smallModel()).classify(IMAGES);
  assertEquals(model.classify(IMAGES), expected);
  assertEquals(expected.logits.length, 30);
});

Deno.test("bytes are divided by 255, numbers taken as they are", () => {
  const model = loadEncoded(smallModel());
  const bytes = new Uint8Array(784).fill(255);
  const numbers = new Float32Array(784).fill(1);
  assertEquals(model.classify(bytes), model.classify(numbers));
});

Deno.test("images one by one and all at once get the same answers, in any order", () => {
  const model = loadEncoded(smallModel());
  const together = model.classify(IMAGES);
  for (const image of [2, 0, 1]) {
    const alone = model.classify(
      IMAGES.subarray(image * 784, image * 784 + 784),
    );
    assertEquals(
      alone.logits,
      together.logits.slice(image * 10, image * 10 + 10),
    );
    assertEquals(alone.classes[0], together.classes[image]);
  }
});

Deno.test("no images get no answers; half an image is refused", () => {
  const model = loadEncoded(smallModel());
  assertEquals(model.classify(new Uint8Array(0)).classes, new Uint16Array(0));
  assertThrows(
    () => model.classify(new Uint8Array(1000)),
    RangeError,
    "whole images of 28×28×1: there are 1000",
  );
});
