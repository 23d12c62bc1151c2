import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { selectBackend } from "../../../core/device/select_backend.ts";
import { teacherSpec } from "../../../core/models/teacher.ts";
import * as tf from "../../../core/tf.ts";
import {
  type Differentiate,
  differentiateHere,
} from "../../../core/train/differentiate.ts";
import {
  imageLearner,
  type ImageTask,
} from "../../../core/train/image_learner.ts";
import { shardPart, SHARDS } from "../../../core/train/shards.ts";
import { startShardWorkers } from "../../../core/train/start_shard_workers.ts";
import { trainImages } from "../../../core/train/train_images.ts";
import { toTensor } from "../../../core/train/training_state.ts";
import { BARS_TRAINING, makeBars } from "../bars.ts";

const bars = makeBars();
const task: ImageTask = {
  spec: teacherSpec({ input: bars.shape, classes: bars.classes }),
  training: { examples: bars.train },
  validation: { examples: bars.validation },
  loss: { kind: "cross-entropy" },
  seed: 3,
  shift: 1,
  flip: true,
};
const learner = imageLearner(task);
const BATCH = Uint32Array.of(5, 0, 17, 3, 40, 8, 21);

/** Gradients and outcome of one batch, as numbers. */
async function compute(
  differentiate: Differentiate,
  batch = BATCH,
): Promise<Float32Array[]> {
  const weights = learner.initial.map(toTensor);
  const { gradients, outcome } = await differentiate(weights, batch, 4);
  const values = [];
  for (const tensor of [...gradients, outcome]) {
    values.push(new Float32Array(await tensor.data<"float32">()));
  }
  tf.dispose([weights, gradients, outcome]);
  return values;
}

function assertClose(actual: Float32Array[], expected: Float32Array[]): void {
  actual.forEach((values, index) => {
    const scale = Math.max(...expected[index].map(Math.abs));
    values.forEach((value, i) =>
      assertAlmostEquals(value / scale, expected[index][i] / scale, 1e-5)
    );
  });
}

Deno.test("the shards of a batch are all of its rows, each once", () => {
  for (const size of [4, 7, 88, 128]) {
    let next = 0;
    for (let index = 0; index < SHARDS; index++) {
      const { first, count } = shardPart(size, index);
      assertEquals(first, next);
      next += count;
    }
    assertEquals(next, size);
  }
});

Deno.test("a batch's gradient in shards, dropout and shifts included, is that of the whole", async () => {
  await selectBackend("wasm");
  using workers = await startShardWorkers(learner, task, 1);
  assertClose(
    await compute(workers.differentiate),
    await compute(differentiateHere(learner)),
  );
});

Deno.test("any number of threads gives the same bits", async () => {
  await selectBackend("wasm");
  using alone = await startShardWorkers(learner, task, 1);
  const expected = await compute(alone.differentiate);
  for (const threads of [2, 3, 4, 9]) {
    using workers = await startShardWorkers(learner, task, threads);
    assertEquals(await compute(workers.differentiate), expected);
  }
});

Deno.test("a batch with fewer rows than shards is fed as a whole", async () => {
  await selectBackend("wasm");
  using workers = await startShardWorkers(learner, task, 2);
  const batch = Uint32Array.of(2, 1);
  assertEquals(
    await compute(workers.differentiate, batch),
    await compute(differentiateHere(learner), batch),
  );
});

Deno.test("shard workers leave no tensor behind", async () => {
  await selectBackend("wasm");
  using workers = await startShardWorkers(learner, task, 2);
  const before = tf.memory().numTensors;
  for (let i = 0; i < 3; i++) await compute(workers.differentiate);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("what goes wrong in a shard worker is thrown here, and nothing is left", async () => {
  await selectBackend("wasm");
  using workers = await startShardWorkers(learner, task, 2);
  const before = tf.memory().numTensors;
  const weights = learner.initial.map(toTensor);
  const outside = Uint32Array.of(0, 1, 2, 3, 4, 5, 6, bars.train.count);
  await assertRejects(
    () => workers.differentiate(weights, outside, 0),
    Error,
    "Cannot encode labels",
  );
  tf.dispose(weights);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("training on several threads gives the weights of training on one", async () => {
  await selectBackend("wasm");
  const spec = { ...BARS_TRAINING, epochs: 2, seed: 3 };
  const [one, two] = [
    await trainImages(task, spec, { threads: 1 }),
    await trainImages(task, spec, { threads: 2 }),
  ];
  assertEquals(two, one);
});
