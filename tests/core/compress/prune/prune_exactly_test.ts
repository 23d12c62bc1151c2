import { assert, assertEquals } from "@std/assert";
import {
  countUsed,
  withoutMasks,
} from "../../../../core/compress/prune/masked_model.ts";
import { observeInputs } from "../../../../core/compress/prune/observe_inputs.ts";
import { pruneExactly } from "../../../../core/compress/prune/prune_exactly.ts";
import {
  type Examples,
  selectExamples,
} from "../../../../core/data/dataset.ts";
import { loadMnist } from "../../../../core/data/mnist.ts";
import { useWasm } from "../../../../core/device/wasm.ts";
import type { FloatArray } from "../../../../core/files/safetensors.ts";
import { weightShapes } from "../../../../core/models/cost.ts";
import { initialWeights } from "../../../../core/models/initialise.ts";
import { loadShippedTeacher } from "../../../../core/models/shipped_teacher.ts";
import type { ModelSpec } from "../../../../core/models/spec.ts";
import { studentSpec } from "../../../../core/models/student.ts";
import * as tf from "../../../../core/tf.ts";
import { evaluateModel } from "../../../../core/train/evaluate_model.ts";

await useWasm();
const mnist = await loadMnist();

function firstImages(count: number): Examples {
  return selectExamples(
    mnist.train,
    Uint32Array.from({ length: count }).map((_, i) => i),
  );
}

/** Loss, accuracy and classes of `examples`. */
async function assess(
  { spec, weights }: { spec: ModelSpec; weights: FloatArray[] },
  examples: Examples,
) {
  const tensors = weights.map(({ shape, values }) => tf.tensor(values, shape));
  const assessment = await evaluateModel(spec, tensors, { examples });
  tf.dispose(tensors);
  return assessment;
}

const LENET_300_100: ModelSpec = {
  name: "lenet-300-100",
  input: [28, 28, 1],
  layers: [
    { kind: "flatten", name: "flatten" },
    { kind: "dense", name: "dense1", units: 300, activation: "relu" },
    { kind: "dense", name: "dense2", units: 100, activation: "relu" },
    { kind: "dense", name: "logits", units: 10, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  ],
};

Deno.test("the blank border of MNIST is free for a dense-first model", async () => {
  const { train } = mnist;
  const blank = Array.from({ length: 784 }, (_, pixel) => {
    for (let i = pixel; i < train.images.length; i += 784) {
      if (train.images[i] !== 0) return 0;
    }
    return 1;
  });
  const zeros = blank.filter(Boolean).length;
  assertEquals(zeros, 67); // Known of MNIST's 60,000 training images.

  const model = withoutMasks({
    spec: LENET_300_100,
    weights: initialWeights(LENET_300_100, 1),
  });
  const statistics = await observeInputs(model, train);
  const { model: pruned, free, freed } = pruneExactly(model, statistics);
  assertEquals(free[0], {
    ...{ layer: "dense1", constants: zeros, zeros },
    ...{ weights: 300 * zeros, units: 0 },
  });
  assertEquals(freed, 300 * zeros);
  assertEquals(countUsed(pruned), 266_610 - freed);
  pruned.masks[0].forEach((kept, i) => {
    assertEquals(kept, 1 - blank[Math.floor(i / 300)]);
  });
  const images = firstImages(2000);
  const [before, after] = [
    await assess(model, images),
    await assess(pruned, images),
  ];
  assertEquals(after.predictions, before.predictions);
  assertEquals(after.score, before.score);
});

Deno.test("of the student's 9,216 features those that no digit changes are free", async () => {
  const { weights } = await loadShippedTeacher();
  const spec = studentSpec({ hidden: 6 });
  const head = initialWeights(spec, 1).slice(4);
  const model = withoutMasks({
    spec,
    weights: [...weights.slice(0, 4), ...head],
  });
  const images = firstImages(500);
  const statistics = await observeInputs(model, images);
  const { model: pruned, free } = pruneExactly(model, statistics);
  const hidden = free[2];
  assertEquals(hidden.layer, "hidden");
  assert(hidden.constants > 64, `${hidden.constants}`); // A corner, at the least.
  assert(hidden.zeros > 0 && hidden.zeros < hidden.constants);
  assertEquals(hidden.weights, 6 * hidden.constants);

  const [before, after] = [
    await assess(model, images),
    await assess(pruned, images),
  ];
  assertEquals(after.predictions, before.predictions);
  // Sums of 9,216 products, some of them now in the bias: they differ by rounding.
  assert(Math.abs(after.score.loss - before.score.loss) < 1e-5);
});

Deno.test("dead and constant units are folded into what reads them, and removed", async () => {
  const array = (shape: number[], ...values: number[]): FloatArray => ({
    shape,
    values: Float32Array.from(values),
  });
  const spec: ModelSpec = {
    name: "two-pixels",
    input: [1, 2, 1],
    layers: [
      { kind: "flatten", name: "flatten" },
      { kind: "dense", name: "hidden", units: 3, activation: "relu" },
      { kind: "dense", name: "logits", units: 2, activation: "linear" },
      { kind: "softmax", name: "softmax" },
    ],
  };
  // Unit 0 sees the pixel that changes, unit 1 is dead, unit 2 always 0.5.
  const model = withoutMasks({
    spec,
    weights: [
      array([2, 3], 1, -1, 0, 0, 0, 0),
      array([3], 0, -1, 0.5),
      array([3, 2], 1, 2, 3, 4, 5, 6),
      array([2], 0.25, 0),
    ],
  });
  const examples: Examples = {
    ...{ count: 2, shape: [1, 2, 1] },
    images: Uint8Array.of(0, 51, 255, 51), // The second pixel is always 0.2.
    labels: Uint8Array.of(0, 1),
  };
  const { model: pruned, free, freed } = pruneExactly(
    model,
    await observeInputs(model, examples),
  );
  assertEquals(free, [
    { layer: "hidden", constants: 1, zeros: 0, weights: 3, units: 2 },
    { layer: "logits", constants: 2, zeros: 1, weights: 4, units: 0 },
  ]);
  assertEquals(
    pruned.weights.map(({ shape }) => shape),
    weightShapes(pruned.spec),
  );
  assertEquals(pruned.weights, [
    ...[array([2, 1], 1, 0), array([1], 0)],
    ...[array([1, 2], 1, 2), array([2], 2.75, 3)],
  ]);
  assertEquals(freed, 17 - 6); // One weight, one bias; two weights, two biases.
  const [before, after] = [
    await assess(model, examples),
    await assess(pruned, examples),
  ];
  assertEquals(after.score, before.score);
});

Deno.test("a constant under padding stays, except 0: at the edges it isn't constant", async () => {
  const spec: ModelSpec = {
    name: "padded",
    input: [4, 4, 2],
    layers: [
      {
        ...{ kind: "conv2d", name: "conv", filters: 2, size: 3 },
        ...{ activation: "linear", padding: "same" },
      },
      { kind: "globalAveragePool2d", name: "pool" },
      { kind: "dense", name: "logits", units: 2, activation: "linear" },
      { kind: "softmax", name: "softmax" },
    ],
  };
  const images = Uint8Array.from(
    { length: 3 * 32 },
    (_, i) => i % 2 ? 255 : (i * 37) % 256,
  );
  const ones: Examples = {
    ...{ count: 3, shape: [4, 4, 2], images },
    labels: Uint8Array.of(0, 1, 0),
  };
  const model = withoutMasks({ spec, weights: initialWeights(spec, 1) });
  const statistics = await observeInputs(model, ones);
  assertEquals([statistics[0].min[1], statistics[0].max[1]], [1, 1]);
  assertEquals(pruneExactly(model, statistics).freed, 0);

  const zeros = { ...ones, images: images.map((x, i) => i % 2 ? 0 : x) };
  const { freed } = pruneExactly(model, await observeInputs(model, zeros));
  assertEquals(freed, 9 * 2);
});
