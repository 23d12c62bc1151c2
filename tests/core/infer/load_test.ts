import { assert, assertEquals, assertThrows } from "@std/assert";
import { getHeapStatistics } from "node:v8";
import { load, loadEncoded, prepareDirect } from "../../../core/infer/load.ts";
import { weightShapes } from "../../../core/models/cost.ts";
import type { LayerSpec, ModelSpec } from "../../../core/models/spec.ts";
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

Deno.test("many layers of millions of numbers share the room that one takes", () => {
  const convolution = (index: number): LayerSpec => ({
    kind: "conv2d",
    name: `conv${index}`,
    filters: 1,
    size: 1,
    activation: "relu",
  });
  const spec: ModelSpec = {
    name: "deep",
    input: [1000, 1000, 1],
    layers: [
      ...Array.from({ length: 60 }, (_, index) => convolution(index)),
      { kind: "globalAveragePool2d", name: "mean" },
      { kind: "softmax", name: "softmax" },
    ],
  };
  const weights = weightShapes(spec).map((shape) => ({
    shape,
    values: Float32Array.of(1),
  }));
  const before = getHeapStatistics().external_memory;
  prepareDirect(spec, weights, ["0"]);
  const grown = getHeapStatistics().external_memory - before;
  assert(grown > 0 && grown < 60 * 2 ** 20, `${grown} bytes`);
});
