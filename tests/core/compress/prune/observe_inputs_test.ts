import { assertAlmostEquals, assertEquals } from "@std/assert";
import { observeInputs } from "../../../../core/compress/prune/observe_inputs.ts";
import { useCpu } from "../../../../core/device/cpu.ts";
import { initialWeights } from "../../../../core/models/initialise.ts";
import type { ModelSpec } from "../../../../core/models/spec.ts";
import * as tf from "../../../../core/tf.ts";
import { makeBars } from "../../bars.ts";

await useCpu();

const SPEC: ModelSpec = {
  name: "observed",
  input: [8, 8, 1],
  layers: [
    { kind: "conv2d", name: "conv", filters: 3, size: 3, activation: "relu" },
    { kind: "maxPool2d", name: "pool", size: 2 },
    { kind: "dropout", name: "dropout", rate: 0.5 },
    { kind: "flatten", name: "flatten" },
    { kind: "dense", name: "logits", units: 3, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  ],
};

Deno.test("statistics are those of the inputs themselves, without dropout", async () => {
  const examples = makeBars().train;
  const weights = initialWeights(SPEC, 1);
  const [pixels, features] = await observeInputs(
    { spec: SPEC, weights },
    examples,
  );
  const values = [...examples.images].map((pixel) => pixel / 255);
  const mean = (of: number[]) => of.reduce((a, b) => a + b, 0) / of.length;
  assertEquals([pixels.layer, pixels.mean.length], ["conv", 1]);
  assertAlmostEquals(pixels.min[0], Math.min(...values), 1e-6);
  assertAlmostEquals(pixels.max[0], Math.max(...values), 1e-6);
  assertAlmostEquals(pixels.mean[0], mean(values), 1e-5);
  assertAlmostEquals(
    pixels.meanSquare[0],
    mean(values.map((x) => x * x)),
    1e-5,
  );

  assertEquals([features.layer, features.mean.length], ["logits", 27]);
  const expected = tf.tidy(() => {
    const x = tf.tensor4d(values, [examples.count, 8, 8, 1]);
    const kernel = tf.tensor4d(weights[0].values, [3, 3, 1, 3]);
    const pooled = tf.maxPool(
      tf.relu(tf.conv2d(x, kernel, 1, "valid")),
      ...[2, 2, "valid"] as const,
    );
    return tf.mean(tf.reshape(pooled, [examples.count, 27]), 0);
  });
  (await expected.data()).forEach((value, i) =>
    assertAlmostEquals(features.mean[i], value, 1e-5)
  );
});

Deno.test("observing frees every tensor that it makes", async () => {
  const model = { spec: SPEC, weights: initialWeights(SPEC, 1) };
  const before = tf.memory().numTensors;
  await observeInputs(model, makeBars().train);
  assertEquals(tf.memory().numTensors, before);
});
