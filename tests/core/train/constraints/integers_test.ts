import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
} from "@std/assert";
import { useCpu } from "../../../../core/device/cpu.ts";
import { decodeTensor } from "../../../../core/infer/decode_tensor.ts";
import { forward } from "../../../../core/models/forward.ts";
import { weightShapes } from "../../../../core/models/cost.ts";
import { boundIntegers } from "../../../../core/models/integer.ts";
import type { LayerSpec } from "../../../../core/models/layers/layer.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";
import type { ModelSpec } from "../../../../core/models/spec.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";
import type { Constraint } from "../../../../core/train/constraints/constraint.ts";
import {
  applyIntegers,
  encodeIntegers,
  readIntegers,
  startIntegers,
} from "../../../../core/train/constraints/integers.ts";
import { toTensor } from "../../../../core/train/training_state.ts";
import { referenceLogits } from "../../models/integer_reference.ts";

await useCpu();

const FREE: Constraint = { kind: "free" };

/** Kernels and biases of `bits` bits, one of each for every layer of `spec`. */
function constraintsOf(spec: ModelSpec, bits: number): Constraint[] {
  return weightShapes(spec).map((): Constraint => ({
    kind: "uniform",
    bits,
    perChannel: false,
    powerOfTwo: false,
  }));
}

/** Real weights, all of about the size that layers' inputs ask for. */
function drawWeights(spec: ModelSpec, seed: number) {
  const random = randomStream(seed, "weights");
  return weightShapes(spec).map((shape) => {
    const size = shape.reduce((a, b) => a * b);
    const spread = 2 / Math.sqrt(size / shape[shape.length - 1]);
    return {
      shape,
      values: Float32Array.from(
        { length: size },
        () =>
          (random.below(2001) / 1000 - 1) * (shape.length > 1 ? spread : 0.1),
      ),
    };
  });
}

// A rounding is the line between its clamps, as its gradient has it.
for (
  const [slope, expected] of [
    [undefined, [0, 0, 0, 1, 1, 0]],
    [1 / 4, [0, 1 / 4, 1 / 4, 1, 1, 0]], // below from −7 · 16 on
    [1, [0, 0, 1, 1, 1, 0]],
  ] as const
) {
  Deno.test(`the gradient of a rounding, slope ${slope ?? 0}, is that of the line between its clamps`, async () => {
    const layer: LayerSpec = {
      kind: "dense",
      name: "dense1",
      units: 6,
      activation: "round",
      shift: 2,
      bits: 3,
      ...slope !== undefined && { slope },
    };
    const most = 7 * 4;
    const sums = [-most * 4 - 9, -most * 4 + 9, -5, 5, most - 1, most + 5];
    const line = (x: number) => {
      const below = slope === undefined ? 0 : Math.max(x * slope / 4, -7);
      return x > 0 ? Math.min(x / 4, 7) : below;
    };
    // Of a pixel of 1 the sums are the weights.
    const gradient = tf.grad((weights: tf.Tensor) =>
      tf.sum(
        forward([layer], [weights, tf.zeros([6])], tf.tensor2d([[1 / 255]])),
      )
    )(tf.tensor2d([sums]));
    const values = await gradient.data();
    sums.forEach((x, i) => {
      const rise = (line(x + 0.01) - line(x - 0.01)) / 0.02;
      assertAlmostEquals(rise, expected[i] / 4, 1e-6);
      assertAlmostEquals(values[i], rise, 1e-6);
    });
  });
}

Deno.test("weights are integers, and the logits of what is encoded are those of exact arithmetic", async () => {
  for (
    const text of [
      "conv3x4:round9,max2,conv2x3:same:round6s2",
      "conv3x3:round8.9.10b5,pool2:round2b5,dense5:round5s0",
      "conv3x2/2:round8,res(conv3x2:same:round6,conv1x2:linear)*4:round3,mean:round3",
    ]
  ) {
    const spec = parseLayers(text, { input: [9, 9, 1], classes: 4, shift: 6 });
    for (const bits of [2, 3, 5]) {
      const constraints = constraintsOf(spec, bits);
      const variables = startIntegers(
        spec,
        constraints,
        drawWeights(spec, bits),
      )
        .map(toTensor);
      const encoded = await encodeIntegers(spec, constraints, variables);
      const weights = encoded.tensors.map(decodeTensor);
      boundIntegers(encoded.spec, weights);
      const model = await readIntegers(spec, constraints, variables);
      assertEquals(model.spec, encoded.spec);
      for (const [index, weight] of model.weights.entries()) {
        assertEquals(await weight.data(), weights[index].values, text);
      }
      const random = randomStream(bits, "image");
      const bytes = Uint8Array.from({ length: 81 }, () => random.below(256));
      const logits = forward(
        model.spec.layers,
        model.weights,
        tf.tensor(Float32Array.from(bytes, (byte) => byte / 255), [1, 9, 9, 1]),
      );
      assertEquals(
        [...await logits.data()],
        referenceLogits(encoded.spec, weights, bytes),
        text,
      );
    }
  }
});

Deno.test("each variable's gradient is that of the real model where nothing is clamped", async () => {
  // With 8 bits throughout, roundings hardly move real logits: sums times their unit.
  const spec = parseLayers("dense6:round13", {
    input: [2, 2, 1],
    classes: 3,
    shift: 6,
  });
  const constraints = constraintsOf(spec, 8);
  const real = drawWeights(spec, 4);
  const variables = startIntegers(spec, constraints, real).map(toTensor);
  const image = tf.tensor([[0.2, 0.8, 0.4, 0.6]], [1, 2, 2, 1]);
  const target = tf.tensor2d([[0.3, -0.2, 0.1]]);
  const lossOf = (logits: tf.Tensor) => tf.sum(tf.mul(logits, target));
  const held = tf.grads((...current: tf.Tensor[]) => {
    const { weights, unit } = applyIntegers(spec, constraints, current);
    const logits = forward(spec.layers, weights, image);
    return lossOf(tf.mul(logits, tf.mul(unit, 2 ** 6)));
  })(variables);
  const float = tf.grads((...weights: tf.Tensor[]) => {
    const layers = spec.layers.map((layer): LayerSpec =>
      layer.kind === "dense"
        ? {
          kind: "dense",
          name: layer.name,
          units: layer.units,
          activation: layer.name === "logits" ? "linear" : "relu",
        }
        : layer
    );
    return lossOf(forward(layers, weights, image));
  })(real.map(toTensor));
  for (const [index, place] of [0, 2, 4, 6].entries()) {
    const expected = await float[index].data();
    (await held[place].data()).forEach((value, i) =>
      assertAlmostEquals(value, expected[i], 0.03)
    );
  }
  assert(held.every((gradient) => gradient.size > 0));
});

Deno.test("sums that could reach 2^24 are held below it, and most weights as they are", async () => {
  const spec = parseLayers("dense3:round12", {
    input: [30, 40, 1],
    classes: 2,
    shift: 4,
  });
  const constraints = constraintsOf(spec, 8);
  const weights = drawWeights(spec, 1);
  // The first unit's weights are all at the end of their levels: 1200 · 127 · 255 > 2^24.
  weights[0].values.forEach((_, i, all) => {
    if (i % 3 === 0) all[i] = Math.sign(all[i] || 1) * 0.1;
  });
  const variables = startIntegers(spec, constraints, weights).map(toTensor);
  const model = await readIntegers(spec, constraints, variables); // throws beyond the bound
  const rows = await model.weights[0].data<"float32">();
  const sums = [0, 1, 2].map((unit) =>
    rows.reduce(
      (sum, value, i) => sum + (i % 3 === unit ? Math.abs(value) : 0),
      0,
    )
  );
  const budget = Math.floor((2 ** 24 - 1 - 2 ** 22 - 2 ** 11) / 255);
  assert(sums.every((sum) => sum <= budget));
  assert(sums[0] > budget - 1200, `${sums[0]} of ${budget}`);
});

Deno.test("what no weights can hold below 2^24 is refused", async () => {
  const spec = parseLayers("dense1:round12", {
    input: [256, 280, 1],
    classes: 2,
    shift: 4,
  });
  const constraints = constraintsOf(spec, 1); // ±1 can't be drawn to 0
  const variables = startIntegers(spec, constraints, drawWeights(spec, 1))
    .map(toTensor);
  await assertRejects(
    () => readIntegers(spec, constraints, variables),
    RangeError,
    "below 2^24",
  );
  const other = constraints.with(0, FREE);
  await assertRejects(
    async () =>
      await readIntegers(
        spec,
        other,
        startIntegers(spec, other, drawWeights(spec, 1)).map(toTensor),
      ),
    RangeError,
    "must have 1 to 8 bits",
  );
});
