import { assertEquals, assertThrows } from "@std/assert";
import { decodeTensor } from "../../core/infer/decode_tensor.ts";
import { prepareDirect } from "../../core/infer/load.ts";
import type { LayerSpec, ModelSpec } from "../../core/models/spec.ts";
import { randomStream } from "../../core/random/stream.ts";
import type { Xoshiro128 } from "../../core/random/xoshiro128.ts";
import { classifyInWorkers } from "../../site/classify_in_workers.ts";
import {
  classifyTogether,
  type WeighedModel,
} from "../../site/classify_together.ts";
import { fc } from "../seeded_check.ts";
import { drawSpec, drawWeights } from "../core/infer/random_spec.ts";
import { smallModel } from "../core/infer/small_model.ts";

/** `spec` with another head, of one or two dense layers. */
function drawHead(random: Xoshiro128, spec: ModelSpec): ModelSpec {
  const cut = spec.layers.findIndex(({ kind }) => kind === "dense");
  const hidden: LayerSpec[] = random.below(2) === 0 ? [] : [{
    kind: "dense",
    name: "hidden",
    activation: "relu",
    units: 1 + random.below(9),
  }];
  const units = 2 + random.below(9);
  return {
    ...spec,
    layers: [
      ...spec.layers.slice(0, cut),
      ...hidden,
      { kind: "dense", name: "logits", units, activation: "linear" },
      { kind: "softmax", name: "softmax" },
    ],
  };
}

/** Some models that begin alike, and one that has other weights from the start. */
function drawModels(random: Xoshiro128): WeighedModel[] {
  const first = drawSpec(random);
  const weights = drawWeights(random, first);
  const dense = first.layers.findIndex(({ kind }) => kind === "dense");
  const shared = first.layers.slice(0, dense)
    .filter(({ kind }) => /conv/i.test(kind)).length * 2;
  const models = Array.from({ length: 3 }, () => {
    const spec = drawHead(random, first);
    const own = drawWeights(random, spec).slice(shared);
    return { spec, weights: [...weights.slice(0, shared), ...own] };
  });
  return [
    ...models.slice(0, 2),
    { spec: first, weights: drawWeights(random, first) },
    models[2],
  ];
}

Deno.test("models that are run together answer as each does alone", () => {
  fc.assert(fc.property(fc.nat(), fc.boolean(), (seed, bytes) => {
    const random = randomStream(seed, "together");
    const models = drawModels(random);
    const [{ spec: { input } }] = models;
    const pixels = Array.from(
      { length: 5 * input.reduce((a, b) => a * b) },
      () => random.below(256),
    );
    const images = bytes
      ? Uint8Array.from(pixels)
      : Float32Array.from(pixels, (pixel) => pixel / 255);
    const classify = classifyTogether(models);
    const alone = models.map(({ spec, weights }) =>
      prepareDirect(spec, weights, []).classify(images).classes
    );
    const together = classify(images);
    assertEquals(
      together.map((each) => [...each]),
      alone.map((each) => [...each]),
    );
    assertEquals(classify(images), together);
  }));
});

Deno.test("weights that are not a model's are refused", () => {
  const { spec } = smallModel();
  assertThrows(() => classifyTogether([{ spec, weights: [] }]), RangeError);
});

Deno.test("workers give every image's class in its place, and tell of each image", async () => {
  const models = [smallModel(1), smallModel(2)];
  const random = randomStream(1, "workers");
  const count = 601; // in parts that are no whole batches
  const images = Uint8Array.from(
    { length: count * 784 },
    () => random.below(256),
  );
  const told: number[] = [];
  const classes = await classifyInWorkers(
    models,
    { count, shape: [28, 28, 1], images, labels: new Uint8Array(count) },
    (done) => told.push(done),
  );
  const weighed = models.map(({ spec, tensors }) => ({
    spec,
    weights: tensors.map(decodeTensor),
  }));
  assertEquals(classes, classifyTogether(weighed)(images));
  assertEquals(told.at(-1), count);
  assertEquals(
    await classifyInWorkers([], {
      ...{ count, images, labels: new Uint8Array(count) },
      shape: [28, 28, 1],
    }),
    [],
  );
});
