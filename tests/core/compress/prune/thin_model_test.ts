import { assert, assertEquals, assertThrows } from "@std/assert";
import { maskChannels } from "../../../../core/compress/prune/mask_channels.ts";
import { thinMasked } from "../../../../core/compress/prune/thin_masked.ts";
import { thinModel } from "../../../../core/compress/prune/thin_model.ts";
import type { Keep } from "../../../../core/compress/prune/trace_channels.ts";
import { useCpu } from "../../../../core/device/cpu.ts";
import type { FloatArray } from "../../../../core/files/safetensors.ts";
import { countParameters, weightShapes } from "../../../../core/models/cost.ts";
import { forward } from "../../../../core/models/forward.ts";
import type { LayerSpec, ModelSpec } from "../../../../core/models/spec.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";
import { fc } from "../../../seeded_check.ts";

await useCpu();

const RELU = { activation: "relu" } as const;
const END: LayerSpec[] = [
  { kind: "dense", name: "logits", units: 3, activation: "linear" },
  { kind: "softmax", name: "softmax" },
];

/** A model of 9×9 images with two channels. */
function model(...layers: LayerSpec[]): ModelSpec {
  return { name: "small", input: [9, 9, 2], layers: [...layers, ...END] };
}

const conv = (name: string, filters: number): LayerSpec => ({
  ...{ kind: "conv2d", name, filters, size: 3, ...RELU },
});

/** A linear convolution that keeps the image's extent. */
const same = (name: string, filters: number): LayerSpec => ({
  ...{ kind: "conv2d", name, filters, size: 3, activation: "linear" },
  padding: "same",
});

/** Each with what to keep of it. */
const MODELS: Record<string, [ModelSpec, Keep]> = {
  "convolution, max-pool, flatten, dense": [
    model(
      conv("a", 5),
      conv("b", 4),
      { kind: "maxPool2d", name: "pool", size: 2 },
      { kind: "dropout", name: "dropout", rate: 0.5 },
      { kind: "flatten", name: "flatten" },
      { kind: "dense", name: "c", units: 6, ...RELU },
    ),
    { a: [0, 3], b: [1, 2, 3], c: [0, 4, 5] },
  ],
  "depthwise convolution with padding and stride, average pool": [
    model(
      conv("a", 6),
      {
        ...{ kind: "depthwiseConv2d", name: "depthwise", size: 3, ...RELU },
        ...{ padding: "same", stride: 2 },
      },
      { kind: "averagePool2d", name: "pool", size: 2 },
      { ...conv("b", 4), kind: "conv2d", filters: 4, size: 1, ...RELU },
      { kind: "flatten", name: "flatten" },
    ),
    { a: [1, 2, 5], b: [0, 3] },
  ],
  "global average": [
    model(
      conv("a", 4),
      conv("b", 5),
      { kind: "globalAveragePool2d", name: "pool" },
    ),
    { a: [2], b: [0, 1, 4] },
  ],
  "residual layers, one in another, of which what is added keeps what it is added to":
    [
      model(
        conv("a", 5),
        {
          ...{ kind: "residual", name: "sum", activation: "relu" },
          layers: [
            { ...same("b", 4), ...RELU },
            {
              ...{ kind: "residual", name: "inner", activation: "linear" },
              layers: [same("c", 4)],
            },
            same("d", 5),
          ],
        },
        { kind: "maxPool2d", name: "pool", size: 3 },
        { kind: "flatten", name: "flatten" },
        { kind: "dense", name: "e", units: 6, ...RELU },
        {
          ...{ kind: "residual", name: "rows", activation: "relu" },
          layers: [{
            kind: "dense",
            name: "f",
            units: 6,
            activation: "linear",
          }],
        },
      ),
      { a: [0, 3, 4], b: [1, 2], e: [0, 4, 5] },
    ],
  "a residual layer on the images, whose channels stay": [
    model(
      {
        ...{ kind: "residual", name: "sum", activation: "linear" },
        layers: [same("a", 5), same("b", 2)],
      },
      { kind: "globalAveragePool2d", name: "pool" },
    ),
    { a: [0, 2] },
  ],
  "flattened convolution read by a linear layer": [
    model(conv("a", 4), { kind: "flatten", name: "flatten" }),
    { a: [0, 1] },
  ],
};

/** Weights of both signs, biases included: a channel of which nothing is masked isn't dead. */
function drawWeights(spec: ModelSpec, seed: number): FloatArray[] {
  const random = randomStream(seed, "thin");
  return weightShapes(spec).map((shape) => ({
    shape,
    values: Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => random.uniform() - 0.4,
    ),
  }));
}

/** Logits of three images. */
async function logitsOf(
  { layers }: ModelSpec,
  weights: FloatArray[],
): Promise<Float32Array> {
  const random = randomStream(7, "images");
  const logits = tf.tidy(() =>
    forward(
      layers,
      weights.map(({ shape, values }) => tf.tensor(values, shape)),
      tf.tensor(
        Float32Array.from({ length: 3 * 9 * 9 * 2 }, () => random.uniform()),
        [3, 9, 9, 2],
      ),
    )
  );
  const values = await logits.data<"float32">();
  logits.dispose();
  return values;
}

/** Throws unless both differ by rounding only: sums of the same numbers, without the zeros. */
function assertClose(actual: Float32Array, expected: Float32Array): void {
  const scale = Math.max(...expected.map(Math.abs));
  assertEquals(actual.length, expected.length);
  expected.forEach((value, i) =>
    assert(Math.abs(actual[i] - value) <= 1e-5 * scale, `${i}`)
  );
}

for (const [name, [spec, keep]] of Object.entries(MODELS)) {
  Deno.test(`the thinned model's outputs equal the masked one's: ${name}`, async () => {
    const weights = drawWeights(spec, 1);
    const thin = thinModel(spec, weights, keep);
    const masked = await logitsOf(spec, maskChannels(spec, weights, keep));
    assertClose(await logitsOf(thin.spec, thin.weights), masked);
    assert(countParameters(thin.spec) < countParameters(spec));
    assertEquals(
      thin.weights.map(({ shape }) => shape),
      weightShapes(thin.spec),
    );
    const whole = await logitsOf(spec, weights);
    assert(whole.some((value, i) => Math.abs(value - masked[i]) > 0.01));
  });
}

Deno.test("they are equal whatever is kept", async () => {
  const [spec] = MODELS["convolution, max-pool, flatten, dense"];
  const some = (count: number) =>
    fc.subarray(Array.from({ length: count }, (_, i) => i), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(some(5), some(4), some(6), async (a, b, c) => {
      const weights = drawWeights(spec, 2);
      const keep = { a, b, c };
      const thin = thinModel(spec, weights, keep);
      const masked = maskChannels(spec, weights, keep);
      assertClose(
        await logitsOf(thin.spec, thin.weights),
        await logitsOf(spec, masked),
      );
    }),
    { numRuns: 25 },
  );
});

Deno.test("masks are thinned as weights are", () => {
  const [spec, keep] = MODELS["convolution, max-pool, flatten, dense"];
  const weights = drawWeights(spec, 3);
  const masks = weights.map(({ values }) =>
    Uint8Array.from(values, (w) => Number(w > 0))
  );
  const thin = thinMasked({ spec, weights, masks }, keep);
  thin.masks.forEach((mask, index) =>
    assertEquals(
      mask,
      Uint8Array.from(thin.weights[index].values, (w) => Number(w > 0)),
    )
  );
});

Deno.test("unknown layers, the last one, and impossible channels are refused", () => {
  const [spec] = MODELS["global average"];
  const weights = drawWeights(spec, 4);
  const thin = (keep: Keep) => () => thinModel(spec, weights, keep);
  assertThrows(thin({ pool: [0] }), RangeError, "must be one of a, b: it is");
  assertThrows(thin({ logits: [0] }), RangeError, "it is logits");
  assertThrows(thin({ a: [] }), RangeError, "one at least");
  assertThrows(thin({ a: [1, 0] }), RangeError, "ascending");
  assertThrows(thin({ a: [4] }), RangeError, "from 0 to 3");
});
