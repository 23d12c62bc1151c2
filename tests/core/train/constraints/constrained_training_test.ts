import { assert, assertEquals } from "@std/assert";
import { useWasm } from "../../../../core/device/wasm.ts";
import type { FloatArray } from "../../../../core/files/safetensors.ts";
import { applyConstraints } from "../../../../core/train/constraints/apply_constraints.ts";
import type { Constraint } from "../../../../core/train/constraints/constraint.ts";
import { encodeWeights } from "../../../../core/train/constraints/encode_weights.ts";
import { measureRate } from "../../../../core/train/constraints/measure_rate.ts";
import { startVariables } from "../../../../core/train/constraints/start_variables.ts";
import * as tf from "../../../../core/tf.ts";
import { drawMask, drawWeights } from "./constrained_weights.ts";

await useWasm();

const SHAPE = [8, 8];
const TARGET = drawWeights(SHAPE, 9);
const MASK = drawMask(64, 2);

/**
 * Mean squared distance of the constrained weight to `TARGET`, plus `penalty` times
 * its rate, before and after 300 steps of gradient descent at `rates`, one a variable.
 */
async function train(
  constraint: Constraint,
  variables: FloatArray[],
  { penalty = 0, rates = [0.5, 0.5] } = {},
) {
  let current: tf.Tensor[] = variables.map(({ shape, values }) =>
    tf.tensor(values, shape)
  );
  const losses: number[] = [];
  const lossOf = (...variables: tf.Tensor[]) => {
    const [weight] = applyConstraints([constraint], [SHAPE], variables);
    const target = tf.tensor(TARGET.values, SHAPE);
    const loss = tf.mean(tf.squaredDifference(target, weight));
    const rate = measureRate([constraint], variables);
    return tf.add<tf.Scalar>(loss, tf.mul(rate, penalty));
  };
  for (let step = 0; step < 300; step++) {
    const { value, grads } = tf.valueAndGrads(lossOf)(current);
    losses.push((await value.data())[0]);
    current = tf.tidy(() =>
      current.map((each, i) => tf.sub(each, tf.mul(grads[i], rates[i])))
    );
  }
  const trained = await Promise.all(current.map(async (tensor) => ({
    shape: tensor.shape,
    values: new Float32Array(await tensor.data()),
  })));
  return { first: losses[0], last: losses[losses.length - 1], trained };
}

for (const perChannel of [false, true]) {
  for (const powerOfTwo of [false, true]) {
    for (const bits of [1, 2, 4]) {
      const name = `${bits} bits, ${perChannel ? "per channel" : "per tensor"}${
        powerOfTwo ? ", powers of two" : ""
      }`;
      Deno.test(`a step size that is far off is trained: ${name}`, async () => {
        const constraint = {
          kind: "uniform",
          bits,
          perChannel,
          powerOfTwo,
        } as const;
        const [weight, steps] = startVariables([TARGET], [constraint]);
        const off = steps.values.map((octave) => octave + 2);
        const { first, last } = await train(
          constraint,
          [weight, { ...steps, values: off }],
          { rates: [0, 20] },
        );
        assert(last < first / 2, `${first} → ${last}`);
      });
    }
  }
}

Deno.test("pruned weights stay 0 through training, in every form", async () => {
  const uniform = { bits: 3, perChannel: false, powerOfTwo: false } as const;
  const indices = MASK.map((kept, i) => kept ? 1 + i % 4 : 0);
  const constraints: Constraint[] = [
    { kind: "mask", mask: MASK },
    { kind: "uniform", ...uniform, mask: MASK },
    { kind: "codebook", size: 5, indices, pruned: true },
  ];
  for (const constraint of constraints) {
    const { trained } = await train(
      constraint,
      startVariables([TARGET], [constraint]),
    );
    const weights = applyConstraints(
      [constraint],
      [SHAPE],
      trained.map(({ shape, values }) => tf.tensor(values, shape)),
    );
    const values = await weights[0].data();
    const kept = values.filter((value, i) => MASK[i] === 1 && value !== 0);
    assert(kept.length > 20);
    assertEquals(
      values.filter((_, i) => MASK[i] === 0).every((w) => w === 0),
      true,
    );
  }
});

Deno.test("centroids move to the means of their targets", async () => {
  const indices = Uint8Array.from({ length: 64 }, (_, i) => i % 3);
  const constraint = { kind: "codebook", size: 3, indices } as const;
  const [wanted] = startVariables([TARGET], [constraint]);
  const { trained } = await train(constraint, [
    { shape: [3], values: Float32Array.of(1, 0, -1) },
  ]);
  trained[0].values.forEach((value, i) =>
    assert(Math.abs(value - wanted.values[i]) < 1e-3)
  );
});

Deno.test("the penalty on the rate makes levels smaller", async () => {
  const constraint = {
    kind: "uniform",
    bits: 4,
    perChannel: false,
    powerOfTwo: false,
  } as const;
  const sumOfLevels = async (penalty: number) => {
    const start = startVariables([TARGET], [constraint]);
    const { trained } = await train(constraint, start, { penalty });
    const [tensor] = encodeWeights([constraint], [SHAPE], trained);
    if (tensor.kind !== "uniform") throw new TypeError("levels expected");
    return tensor.levels.reduce((sum, level) => sum + Math.abs(level), 0);
  };
  assert(await sumOfLevels(0.05) < 0.8 * await sumOfLevels(0));
});
