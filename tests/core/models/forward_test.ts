import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { forward } from "../../../core/models/forward.ts";
import { initialWeights } from "../../../core/models/initialise.ts";
import type { LayerSpec, ModelSpec } from "../../../core/models/spec.ts";
import { randomStream } from "../../../core/random/stream.ts";
import * as tf from "../../../core/tf.ts";

const SPEC: ModelSpec = {
  name: "tiny",
  input: [7, 6, 2],
  layers: [
    { kind: "conv2d", name: "conv", filters: 3, size: 3, activation: "relu" },
    { kind: "maxPool2d", name: "pool", size: 2 },
    { kind: "dropout", name: "dropout", rate: 0.5 },
    { kind: "flatten", name: "flatten" },
    { kind: "dense", name: "hidden", units: 4, activation: "relu" },
    { kind: "dense", name: "logits", units: 3, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  ],
};

/** Initial weights, biases made non-zero so that they count. */
function weights(): tf.Tensor[] {
  return initialWeights(SPEC, 1).map(({ shape, values }) =>
    tf.tensor(shape.length > 1 ? values : values.fill(0.1), shape)
  );
}

function images(count: number): tf.Tensor {
  const random = randomStream(2);
  const size = count * 7 * 6 * 2;
  const pixels = Float32Array.from({ length: size }, () => random.uniform());
  return tf.tensor(pixels, [count, 7, 6, 2]);
}

Deno.test("forward gives the logits of stock tfjs layers with the same weights", async () => {
  await tf.setBackend("cpu");
  const stock = tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 3,
        kernelSize: 3,
        activation: "relu",
        inputShape: [7, 6, 2],
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 4, activation: "relu" }),
      tf.layers.dense({ units: 3 }),
    ],
  });
  stock.setWeights(weights());
  const x = images(5);
  const [expected] = [stock.predict(x)].flat();
  const logits = forward(SPEC.layers, weights(), x);
  assertEquals(logits.shape, [5, 3]);
  const [ours, theirs] = [await logits.data(), await expected.data()];
  ours.forEach((value, i) => assertAlmostEquals(value, theirs[i], 1e-5));
});

Deno.test("forward draws dropout by seed and step, and none without a source", async () => {
  await tf.setBackend("cpu");
  const run = async (dropout?: { seed: number; step: number }) => [
    ...await forward(SPEC.layers, weights(), images(2), dropout).data(),
  ];
  const first = await run({ seed: 1, step: 0 });
  assertEquals(await run({ seed: 1, step: 0 }), first);
  const others = [
    await run({ seed: 1, step: 1 }),
    await run({ seed: 2, step: 0 }),
    await run(),
  ];
  for (const other of others) assert(other.join() !== first.join());
});

Deno.test("forward's dropout keeps the mean of what it passes on", async () => {
  await tf.setBackend("cpu");
  const layers: LayerSpec[] = [{ kind: "dropout", name: "dropout", rate: 0.2 }];
  const x = tf.ones([100, 100]);
  const y = forward(layers, [], x, { seed: 1, step: 0 });
  const [mean] = await tf.mean(y).data();
  // Five standard errors of 10,000 draws of variance 0.25.
  assertAlmostEquals(mean, 1, 5 * Math.sqrt(0.25 / 10_000));
});

Deno.test("forward leaves its weights and input alive and leaks nothing in a tidy", async () => {
  await tf.setBackend("cpu");
  const given = [...weights(), images(2)];
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    forward(SPEC.layers, given.slice(0, -1), given[6], { seed: 1, step: 0 });
  });
  assertEquals(tf.memory().numTensors, before);
  assert(given.every((tensor) => !tensor.isDisposed));
});
