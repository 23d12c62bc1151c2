import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { useWasm } from "../../../core/device/wasm.ts";
import type { Learner } from "../../../core/train/learner.ts";
import { train, type TrainingSpec } from "../../../core/train/train.ts";
import * as tf from "../../../core/tf.ts";
import { tinyLearner } from "./tiny_digits.ts";

await useWasm();

const SPEC: TrainingSpec = {
  seed: 1,
  epochs: 3,
  batchSize: 8,
  patience: 10,
  optimiser: { kind: "adam" },
  schedule: { kind: "cosine", rate: 0.03 },
  averaging: { decay: 0.9 },
};

/** A weight a member that falls by 1 a step, and what its validation is given. */
function falling(members: number): { learner: Learner; judged: number[][] } {
  const judged: number[][] = [];
  return {
    judged,
    learner: {
      identity: "falling",
      members,
      initial: [{ shape: [members], values: new Float32Array(members) }],
      owners: [Int32Array.from({ length: members }, (_, index) => index)],
      count: 4,
      feed: (weights) => ({
        losses: tf.reshape(weights[0], [members]),
        correct: tf.zeros([members]),
      }),
      validate: async ([weight]) => {
        judged.push([...await weight.data()]);
        const accuracy = judged.length / 10;
        return judged[0].map(() => ({ accuracy, loss: 0 }));
      },
    },
  };
}

const FALLING: TrainingSpec = {
  ...SPEC,
  epochs: 2,
  batchSize: 2, // 2 steps an epoch
  optimiser: { kind: "sgd", momentum: 0 },
  schedule: { kind: "constant", rate: 1 },
};

/** The average of 0, −1, −2, … after `steps` steps, by its definition. */
function averageOf(steps: number, decay: number): number {
  let average = 0;
  for (let t = 1; t <= steps; t++) {
    const left = Math.min(decay, (1 + t) / (10 + t));
    average = left * average + (1 - left) * -t;
  }
  return average;
}

Deno.test("train judges and keeps the moving average of the weights", async () => {
  const { learner, judged } = falling(1);
  const { weights } = await train(learner, FALLING);
  assertAlmostEquals(judged[0][0], averageOf(2, 0.9), 1e-6);
  assertAlmostEquals(judged[1][0], averageOf(4, 0.9), 1e-6);
  assertEquals([...weights[0].values], judged[1]);
});

Deno.test("an average of every second step forgets as fast as one of every step", async () => {
  const { learner, judged } = falling(1);
  const averaging = { decay: 0.3, every: 2 };
  await train(learner, { ...FALLING, averaging });
  // After steps 2 and 4, of −2 and −4: 0.3² is below the start's 2/11 and 3/12.
  assertAlmostEquals(judged[0][0], 0.91 * -2, 1e-6);
  assertAlmostEquals(judged[1][0], 0.09 * judged[0][0] + 0.91 * -4, 1e-6);
});

Deno.test("an average of decay 0 is the weights themselves", async () => {
  const { learner, judged } = falling(1);
  await train(learner, { ...FALLING, averaging: { decay: 0 } });
  assertEquals(judged, [[-2], [-4]]);
});

Deno.test("a member's average leaves with it", async () => {
  const { learner } = falling(2);
  const one = falling(1);
  let epoch = 0;
  const { weights } = await train(
    {
      ...learner,
      // The first member stops after its first epoch.
      validate: () => {
        epoch++;
        return Promise.resolve(
          [{ accuracy: 1 / epoch, loss: 0 }, { accuracy: epoch / 10, loss: 0 }],
        );
      },
      keep: () => ({
        ...one.learner,
        validate: () => {
          epoch++;
          return Promise.resolve([{ accuracy: epoch / 10, loss: 0 }]);
        },
      }),
    },
    { ...FALLING, epochs: 3, patience: 1 },
  );
  assertAlmostEquals(weights[0].values[0], averageOf(2, 0.9), 1e-6);
  assertAlmostEquals(weights[0].values[1], averageOf(6, 0.9), 1e-6);
});

Deno.test("an averaged run, stopped and resumed, ends as if never stopped, and frees all", async () => {
  const whole = await train(tinyLearner(), SPEC);
  const checkpoint = `${await Deno.makeTempDir()}/run`;
  const controller = new AbortController();
  const before = tf.memory().numTensors;
  await train(tinyLearner(), SPEC, {
    checkpoint,
    signal: controller.signal,
    onProgress: ({ step }) => step === 70 && controller.abort("stop"),
  }).catch(() => {});
  assertEquals(await train(tinyLearner(), SPEC, { checkpoint }), whole);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("train refuses a decay that never forgets, and updates that never come", async () => {
  const { learner } = falling(1);
  for (
    const [averaging, message] of [
      [{ decay: 1 }, "the decay must be ≥ 0 and < 1: current value is 1"],
      [{ decay: 0.5, every: 0 }, "`every` must be an integer ≥ 1"],
    ] as const
  ) {
    await assertRejects(
      () => train(learner, { ...FALLING, averaging }),
      RangeError,
      message,
    );
  }
});
