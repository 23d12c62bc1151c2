import { assertEquals, assertRejects } from "@std/assert";
import { pausingTraining } from "../../bench/peers/pausing_training.ts";
import { selectBackend } from "../../core/device/select_backend.ts";
import { teacherSpec } from "../../core/models/teacher.ts";
import { imageLearner } from "../../core/train/image_learner.ts";
import type { Learner } from "../../core/train/learner.ts";
import { makeBars } from "../core/bars.ts";

const SPEC = { seed: 1, batchSize: 32, optimiser: { kind: "sgd" } } as const;

async function barsLearner(): Promise<Learner> {
  await selectBackend("wasm");
  const { train, shape, classes } = makeBars();
  return imageLearner({
    spec: teacherSpec({ input: shape, classes }),
    training: { examples: train },
    validation: { examples: train },
    loss: { kind: "cross-entropy" },
    seed: 1,
  });
}

Deno.test("each call trains for one epoch, and nothing goes on between calls", async () => {
  const learner = await barsLearner();
  const steps: number[] = [];
  const run = pausingTraining({
    ...learner,
    feed: (weights, batch, step, part) => {
      steps.push(step);
      return learner.feed(weights, batch, step, part);
    },
  }, SPEC);
  for (const epochs of [1, 2, 3]) {
    const milliseconds = await run();
    assertEquals(milliseconds > 0, true);
    await new Promise((wake) => setTimeout(wake, 20));
    assertEquals(steps.length, 3 * epochs); // 96 images
  }
  assertEquals(steps, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

Deno.test("an epoch is all of the learner, also where a training's own is not", async () => {
  const learner = await barsLearner();
  let steps = 0;
  const training = {
    ...SPEC,
    epochs: 1,
    patience: 1,
    schedule: { kind: "constant", rate: 1 },
    examplesPerEpoch: 64,
  } as const;
  const run = pausingTraining({
    ...learner,
    feed: (...batch) => {
      steps++;
      return learner.feed(...batch);
    },
  }, training);
  await run();
  assertEquals(steps, 3);
});

Deno.test("what stops the training is what the call throws", async () => {
  const learner = await barsLearner();
  const run = pausingTraining({
    ...learner,
    feed: () => {
      throw new Error("no such batch");
    },
  }, SPEC);
  await assertRejects(run, Error, "no such batch");
});
