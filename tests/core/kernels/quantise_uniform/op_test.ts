import { assert, assertEquals, assertThrows } from "@std/assert";
import { levelRange } from "../../../../core/kernels/quantise_uniform/round_level.ts";
import { quantiseUniform } from "../../../../core/kernels/quantise_uniform/op.ts";
import { roundHalves } from "../../../../core/kernels/round_halves/op.ts";
import { roundLevel } from "../../../../core/kernels/quantise_uniform/round_level.ts";
import * as tf from "../../../../core/tf.ts";
import { fc } from "../../../seeded_check.ts";
import { testOnEveryBackend } from "../every_backend.ts";

const WEIGHTS = [[-1.7, 0.3], [0.26, -0.05], [0.74, 1.9], [-0.4, -0.62]];
const STEPS = [0.5, 0.25];
const SLOPES = [[1, -2], [3, 0.5], [-1, 2], [0.25, 4]];

/** What PyTorch 1.13 gave: round(clip(w/s)) with `detach`, as LSQ's paper has it. */
const GOLDEN = [
  {
    bits: 2,
    values: [-1, 0.25, 0.5, 0, 0.5, 0.25, -0.5, -0.5],
    byWeight: [0, 0, 3, 0.5, 0, 0, 0.25, 0],
    byStep: [-1.61, -7.9],
  },
  {
    bits: 3,
    values: [-1.5, 0.25, 0.5, 0, 0.5, 0.75, -0.5, -0.5],
    byWeight: [1, -2, 3, 0.5, -1, 0, 0.25, 4],
    byStep: [2.27, 8.42],
  },
  {
    // By hand: every sign, and every gradient passes.
    bits: 1,
    values: [-0.5, 0.25, 0.5, -0.25, 0.5, 0.25, -0.5, -0.25],
    byWeight: SLOPES.flat(),
    byStep: [-1 + 3 - 1 - 0.25, -2 - 0.5 + 2 - 4],
  },
];

/** Asserts that each of `given` lies within 10⁻⁵ of what is wanted. */
async function assertNear(given: tf.Tensor, wanted: number[]): Promise<void> {
  const values = [...await given.data()];
  assertEquals(values.length, wanted.length);
  values.forEach((value, i) =>
    assert(Math.abs(value - wanted[i]) < 1e-5, `${values} where ${wanted}`)
  );
}

testOnEveryBackend(
  "quantiseUniform has PyTorch's values and gradients",
  async () => {
    for (const { bits, values, byWeight, byStep } of GOLDEN) {
      const before = tf.memory().numTensors;
      const [value, ...gradients] = tf.tidy(() => {
        const inputs = [tf.tensor2d(WEIGHTS), tf.tensor1d(STEPS)];
        const differentiate = tf.grads((w: tf.Tensor, s: tf.Tensor) =>
          tf.sum(tf.mul(quantiseUniform(w, s, bits), tf.tensor2d(SLOPES)))
        );
        const [w, s] = inputs;
        return [quantiseUniform(w, s, bits), ...differentiate(inputs)];
      });
      assertEquals([...await value.data()], values);
      await assertNear(gradients[0], byWeight);
      await assertNear(gradients[1], byStep);
      tf.dispose([value, ...gradients]);
      assertEquals(tf.memory().numTensors, before, "tensors were leaked");
    }
  },
);

testOnEveryBackend(
  "a weight of 0 is +s with 1 bit and +0 with more",
  async () => {
    const zero = tf.tensor1d([0, -0, -0.1]);
    const one = quantiseUniform(zero, tf.tensor1d([0.5]), 1);
    assertEquals([...await one.data()], [0.5, 0.5, -0.5]);
    const four = quantiseUniform(zero, tf.tensor1d([0.5]), 4);
    assertEquals([...await four.data()], [0, 0, 0]);
  },
);

testOnEveryBackend(
  "a weight halfway between two levels takes the upper",
  async () => {
    const steps = Float32Array.from(
      { length: 64 },
      (_, i) => (1024 + i) / 4096,
    );
    for (const bits of [2, 3, 8]) {
      const { lowest, highest } = levelRange(bits);
      for (const level of [lowest, -1, 0, highest - 1]) {
        const weights = steps.map((step) => (level + 0.5) * step);
        const rounded = quantiseUniform(
          tf.tensor1d(weights),
          tf.tensor1d(steps),
          bits,
        );
        assertEquals(await rounded.data(), steps.map((s) => (level + 1) * s));
      }
    }
  },
);

Deno.test("a level is the nearest that there is", () => {
  const float = fc.float({ noNaN: true, min: -3, max: 3 });
  fc.assert(
    fc.property(
      float,
      fc.integer({ min: 1, max: 2047 }),
      fc.integer({ min: 2, max: 8 }),
      (weight, significand, bits) => {
        const step = significand / 1024;
        const range = levelRange(bits);
        const level = roundLevel(weight, step, range);
        assert(Number.isInteger(level));
        for (let other = range.lowest; other <= range.highest; other++) {
          const distance = (q: number) => Math.abs(weight - q * step);
          assert(distance(level) <= distance(other));
        }
      },
    ),
    { numRuns: 500 },
  );
});

testOnEveryBackend("NaN passes, by which divergence is found", async () => {
  const valuesOf = async (weight: number, step: number, bits: number) => {
    const steps = roundHalves(tf.tensor1d([step]));
    return [...await quantiseUniform(tf.fill([2], weight), steps, bits).data()];
  };
  for (const bits of [1, 4]) {
    assertEquals(await valuesOf(NaN, 0.5, bits), [NaN, NaN]);
    assertEquals(await valuesOf(0.25, NaN, bits), [NaN, NaN]);
  }
});

testOnEveryBackend(
  "a NaN weight's gradient is NaN, an infinite one's as outside",
  async () => {
    const slopes = tf.tensor2d([[1, 2], [3, 4], [5, 6]]);
    const gradientsOf = async (bits: number, ...steps: number[]) => {
      const weights = tf.tensor2d([[NaN, 0.25], [0.25, 0.5], [1, Infinity]]);
      const gradients = tf.grads((w: tf.Tensor, s: tf.Tensor) =>
        quantiseUniform(w, s, bits, 0.5)
      )([weights, tf.tensor1d(steps)], slopes);
      return await Promise.all(
        gradients.map(async (gradient) => [...await gradient.data()]),
      );
    };
    const [byWeight, byStep] = await gradientsOf(4, 0.25, 0.25);
    assertEquals(byWeight, [NaN, 2, 3, 4, 5, 0]);
    assertEquals(byStep, [NaN, 6 * 7]);
    const [ofNone, ofNoStep] = await gradientsOf(4, 0.25, NaN);
    assertEquals(ofNone, [NaN, NaN, 3, NaN, 5, NaN]);
    assertEquals(ofNoStep, [NaN, NaN]);
    const [bySign] = await gradientsOf(1, 0.25, 0.25);
    assertEquals(bySign, [1, 2, 3, 4, 5, 6]);
  },
);

Deno.test("quantiseUniform refuses steps that don't divide the weights", () => {
  assertThrows(
    () => quantiseUniform(tf.zeros([3, 2]), tf.ones([4]), 4),
    RangeError,
    "whose length divides 6: current value is [4]",
  );
});

testOnEveryBackend(
  "a pull adds its share of w − ŵ to the gradient of a weight inside, and none outside",
  async () => {
    const pull = 0.5;
    for (const { bits, values, byWeight, byStep } of GOLDEN) {
      const gradients = tf.tidy(() =>
        tf.grads((w: tf.Tensor, s: tf.Tensor) =>
          tf.sum(
            tf.mul(quantiseUniform(w, s, bits, pull), tf.tensor2d(SLOPES)),
          )
        )([tf.tensor2d(WEIGHTS), tf.tensor1d(STEPS)])
      );
      const { lowest, highest } = levelRange(bits);
      const pulled = WEIGHTS.flat().map((weight, i) => {
        const ratio = weight / STEPS[i % STEPS.length];
        const inside = bits > 1 && ratio >= lowest && ratio <= highest;
        return byWeight[i] + (inside ? pull * (weight - values[i]) : 0);
      });
      await assertNear(gradients[0], pulled);
      await assertNear(gradients[1], byStep);
      tf.dispose(gradients);
    }
  },
);
