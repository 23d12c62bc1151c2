import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
} from "@std/assert";
import { balanceWeights } from "../../../../core/compress/compact/balance_weights.ts";
import {
  COMPACT_CONFIGURATION,
  type CompactConfiguration,
} from "../../../../core/compress/compact/compact_configuration.ts";
import { trainCompact } from "../../../../core/compress/compact/train_compact.ts";
import { useWasm } from "../../../../core/device/wasm.ts";
import type { FloatArray } from "../../../../core/files/safetensors.ts";
import { forward } from "../../../../core/models/forward.ts";
import { initialWeights } from "../../../../core/models/initialise.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";
import type { LayerSpec, ModelSpec } from "../../../../core/models/spec.ts";
import { gatherImages } from "../../../../core/data/batches.ts";
import { readAtOnce } from "../../../../core/kernels/read_at_once.ts";
import { unpackPixels } from "../../../../core/kernels/unpack_pixels/op.ts";
import { toTensor } from "../../../../core/train/training_state.ts";
import * as tf from "../../../../core/tf.ts";
import { tinyDigits } from "../../train/tiny_digits.ts";

await useWasm();

const EXAMPLES = tinyDigits(0, 300);

/** Mean and deviation of each channel of what `layers` make of all images. */
function momentsOf(layers: LayerSpec[], weights: FloatArray[]) {
  return tf.tidy(() => {
    const rows = Uint32Array.from({ length: EXAMPLES.count }, (_, i) => i);
    const x = unpackPixels(gatherImages(EXAMPLES, rows), [
      EXAMPLES.count,
      ...EXAMPLES.shape,
    ]);
    const made = forward(layers, weights.map(toTensor), x);
    const { mean, variance } = tf.moments(
      tf.reshape(made, [-1, made.shape.at(-1) ?? 1]),
      0,
    );
    return {
      means: [...readAtOnce<"float32">(mean)],
      deviations: [...readAtOnce<"float32">(tf.sqrt(variance))],
    };
  });
}

/** The first `count` layers of `spec`, the last of them without its activation. */
function firstSums({ layers }: ModelSpec, count: number): LayerSpec[] {
  return layers.slice(0, count).map((layer, index) =>
    index === count - 1 && "activation" in layer
      ? { ...layer, activation: "linear" }
      : layer
  );
}

Deno.test("each channel's sums have mean 0 and variance 1, and the logits variance 1 together", async () => {
  const spec = parseLayers(
    "conv3x4/2:leaky,max2,depth3*2:same:linear,conv1x5,mean",
    { input: [14, 14, 1] },
  );
  const drawn = initialWeights(spec, 1);
  const before = tf.memory().numTensors;
  const weights = await balanceWeights(spec, drawn, EXAMPLES);
  assertEquals(tf.memory().numTensors, before);
  assertEquals(
    weights.map(({ shape }) => shape),
    drawn.map(({ shape }) => shape),
  );
  for (const count of [1, 3, 4]) {
    const { means, deviations } = momentsOf(firstSums(spec, count), weights);
    for (const mean of means) assertAlmostEquals(mean, 0, 1e-4);
    for (const each of deviations) assertAlmostEquals(each, 1, 1e-3);
  }
  const last = spec.layers.slice(0, -1);
  assertEquals(last.at(-1)?.kind, "dense");
  const logits = momentsOf(last, weights).deviations;
  const variance = logits.reduce((sum, each) => sum + each ** 2, 0) / 10;
  assertAlmostEquals(variance, 1, 1e-3);
  assertEquals(await balanceWeights(spec, drawn, EXAMPLES), weights);
});

Deno.test("layers in a residual layer are balanced on what it reads", async () => {
  const spec = parseLayers("conv3x4/2,res(conv3x4:same:linear),max2", {
    input: [14, 14, 1],
  });
  const [first, residual] = spec.layers;
  if (residual.kind !== "residual") throw new Error(residual.kind);
  const weights = await balanceWeights(
    spec,
    initialWeights(spec, 2),
    EXAMPLES,
  );
  const { means, deviations } = momentsOf(
    [first, ...residual.layers],
    weights.slice(0, 4),
  );
  for (const mean of means) assertAlmostEquals(mean, 0, 1e-4);
  for (const each of deviations) assertAlmostEquals(each, 1, 1e-3);
});

Deno.test("a channel that makes the same of every image keeps its scale", async () => {
  const spec = parseLayers("conv3x2/2,max2", { input: [14, 14, 1] });
  const [kernel, ...rest] = initialWeights(spec, 3);
  const silent = kernel.values.map((weight, i) => i % 2 === 0 ? 0 : weight);
  const weights = await balanceWeights(
    spec,
    [{ ...kernel, values: silent }, ...rest],
    EXAMPLES,
  );
  assertEquals(weights[0].values[0], 0);
  assertEquals(weights[1].values[0], 0);
  assert(weights.every(({ values }) => values.every(Number.isFinite)));
});

Deno.test("a compact model that is to be balanced begins so, and another doesn't", async () => {
  const task = {
    spec: parseLayers("conv3x2/2,max2", { input: [14, 14, 1] }),
    labels: [..."0123456789"],
    pool: { examples: EXAMPLES },
    validation: { examples: tinyDigits(300, 50) },
  };
  const configuration: CompactConfiguration = {
    ...COMPACT_CONFIGURATION,
    loss: { kind: "cross-entropy" },
    epochs: { float: 1, quantised: 1 },
    examplesPerEpoch: 64,
    batchSize: 32,
    seed: 4,
  };
  const drawn = initialWeights(task.spec, 4);
  const initial = await balanceWeights(task.spec, drawn, EXAMPLES);
  const trained = (configuration: CompactConfiguration, given?: FloatArray[]) =>
    trainCompact({ ...task, configuration, initial: given });
  const balanced = await trained({ ...configuration, balanced: true });
  assertEquals(balanced.float, (await trained(configuration, initial)).float);
  assertNotEquals(balanced.float, (await trained(configuration)).float);
});
