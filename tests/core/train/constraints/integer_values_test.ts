import { assertAlmostEquals, assertEquals } from "@std/assert";
import { useCpu } from "../../../../core/device/cpu.ts";
import { weightShapes } from "../../../../core/models/cost.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";
import type { ModelSpec } from "../../../../core/models/spec.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import type { Constraint } from "../../../../core/train/constraints/constraint.ts";
import { holdIntegers } from "../../../../core/train/constraints/integer_values.ts";
import {
  applyIntegers,
  startIntegers,
} from "../../../../core/train/constraints/integers.ts";
import { toTensor } from "../../../../core/train/training_state.ts";
import * as tf from "../../../../core/tf.ts";

await useCpu();

const LAYERS = {
  "a row": "conv3x4:round9,max2,conv2x3:round6",
  "a shift a channel": "conv3x3:round8.9.10b5,pool2:round2b5,dense5:round5",
  "sums near the bound, windows by channel":
    "depth3:round3,conv3x40:round5,dense30:round9",
};

function uniform(bits: number, powerOfTwo = false): Constraint {
  return { kind: "uniform", bits, perChannel: false, powerOfTwo };
}

/** By the weight's index, kernels and biases in turn. */
const HELD: Record<string, (index: number, size: number) => Constraint> = {
  "levels of 3 bits, biases of 4": (index) => uniform(3 + index % 2),
  "any biases": (index) => index % 2 === 0 ? uniform(4) : { kind: "free" },
  "powers of two, some pruned": (index, size) => ({
    kind: "uniform",
    bits: 3,
    perChannel: false,
    powerOfTwo: true,
    ...index % 2 === 0 && {
      mask: Uint8Array.from({ length: size }, (_, i) => Number(i % 3 > 0)),
    },
  }),
  "signs": (index) => uniform(index % 2 === 0 ? 1 : 4),
  "levels of 8 bits": () => uniform(8),
};

/** 2^−s of each shift of the `index`th layer with weights. */
function factorsOf(spec: ModelSpec, index: number): tf.Tensor {
  const shifts = spec.layers.flatMap((layer) =>
    layer.kind === "conv2d" || layer.kind === "depthwiseConv2d" ||
      layer.kind === "dense"
      ? [[layer.shift ?? 0].flat()]
      : []
  );
  return tf.tensor1d(shifts[index].map((each) => 2 ** -each));
}

for (const [row, text] of Object.entries(LAYERS)) {
  for (const [held, constraintOf] of Object.entries(HELD)) {
    Deno.test(`of ${row} integers and gradients are those of tfjs's operations, ${held}`, async () => {
      const spec = parseLayers(text, {
        input: [9, 9, 1],
        classes: 4,
        shift: 6,
      });
      const shapes = weightShapes(spec);
      const random = randomStream(3, held);
      const constraints = shapes.map((shape, index) =>
        constraintOf(index, tf.util.sizeFromShape(shape))
      );
      const weights = shapes.map((shape) => ({
        shape,
        values: Float32Array.from(
          { length: tf.util.sizeFromShape(shape) },
          () => random.uniform() - 0.5,
        ),
      }));
      const initial = startIntegers(spec, constraints, weights);
      const variables = Float32Array.from(
        initial.flatMap(({ values }) => [...values]),
      );
      const sizes = initial.map(({ values }) => values.length);
      const found = holdIntegers(spec, constraints, sizes);
      if (!found) throw new Error("no such row");
      const values = found.values(variables);
      const slopes = values.map(() => random.uniform() - 0.5);

      const tensors = initial.map(toTensor);
      const [pull, rate] = [0.3, 0.7];
      const made = (given: tf.Tensor[]) => {
        const { weights, unit, rate } = applyIntegers(
          spec,
          constraints,
          given,
          pull,
        );
        const last = weights.length - 2;
        const flat = weights.map((weight, index) =>
          tf.mul(weight, index < last ? factorsOf(spec, index >> 1) : unit)
            .flatten()
        );
        return { row: tf.concat(flat), rate };
      };
      assertEquals([...values], [...await made(tensors).row.data()]);

      const gradients = tf.grads((...given: tf.Tensor[]) => {
        const { row, rate: bits } = made(given);
        return tf.add(tf.sum(tf.mul(row, slopes)), tf.mul(bits, rate));
      })(tensors);
      const expected = await tf.concat(
        gradients.map((each) => each.flatten()),
      ).data();
      const passed = found.gradient(variables, slopes, { pull, rate });
      const most = Math.max(...expected.map(Math.abs));
      passed.gradient.forEach((value, i) =>
        assertAlmostEquals(value, expected[i], 3e-6 * most, `${i}`)
      );
      const penalty = await tf.mul(made(tensors).rate, rate).data();
      assertAlmostEquals(passed.penalty, penalty[0], 1e-6);
    });
  }
}

Deno.test("rows whose units depend on each other are left to tfjs's operations", () => {
  const text = "conv3x2:round8,res(conv3x2:same:round6,conv1x2:linear):round3";
  const spec = parseLayers(text, { input: [9, 9, 1], classes: 4, shift: 6 });
  const shapes = weightShapes(spec);
  const constraints = shapes.map(() => uniform(3));
  const sizes = shapes.flatMap((shape) => [tf.util.sizeFromShape(shape), 1]);
  assertEquals(holdIntegers(spec, constraints, sizes), undefined);
});
