import { assert, assertEquals, assertRejects } from "@std/assert";
import { clearDeviceFailure } from "../../../core/device/health.ts";
import { selectBackend } from "../../../core/device/select_backend.ts";
import { exists } from "../../../core/files/exists.ts";
import * as tf from "../../../core/tf.ts";
import { train, type TrainingSpec } from "../../../core/train/train.ts";
import { runInWorker } from "../../../core/workers/run_in_worker.ts";
import { hasAdapter } from "../../vulkan.ts";
import { tinyLearner } from "../train/tiny_digits.ts";
import {
  deviceInUse,
  dieAt,
  dropFrom,
  dropOne,
  interceptSubmissions,
  neverReuseBuffers,
  type OnSubmit,
} from "./unsound_device.ts";

const SPEC: TrainingSpec = {
  seed: 1,
  epochs: 2,
  batchSize: 50,
  patience: 10,
  optimiser: { kind: "adam" },
  schedule: { kind: "constant", rate: 0.03 },
};

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: `${name} (needs a Vulkan driver)`,
    ignore: !hasAdapter,
    fn: async () => {
      clearDeviceFailure();
      await fn();
      await selectBackend("wasm");
      clearDeviceFailure();
    },
  });
}

/** Submissions that a sound device is sent in a whole run. */
async function countSubmissions(): Promise<number> {
  await selectBackend("webgpu");
  let submissions = 0;
  interceptSubmissions(deviceInUse(), (submit, count) => {
    submissions = count;
    submit();
  });
  await train(tinyLearner(), SPEC);
  return submissions;
}

/** Trains on a device that `onSubmit` spoils; gives the error, and what was saved. */
async function trainOn(onSubmit: OnSubmit, zeros = false) {
  await selectBackend("webgpu");
  const device = deviceInUse();
  if (zeros) neverReuseBuffers();
  interceptSubmissions(device, onSubmit);
  const folder = await Deno.makeTempDir();
  const checkpoint = `${folder}/run`;
  const epochs: number[] = [];
  const error = await assertRejects(
    () =>
      train(tinyLearner(), SPEC, {
        checkpoint,
        onProgress: ({ kind, epoch }) => kind === "epoch" && epochs.push(epoch),
      }),
    Error,
  );
  const saved = await exists(checkpoint);
  await Deno.remove(folder, { recursive: true });
  return { error, saved, epochs };
}

test("a device that drops work from some moment on trains nothing, whatever it leaves", async () => {
  const all = await countSubmissions();
  for (const first of [2, Math.floor(all / 6), Math.floor(all / 2), all - 1]) {
    for (const zeros of [false, true]) {
      const { error } = await trainOn(dropFrom(first), zeros);
      assertEquals(error.name, "DeviceError", error.message);
      assert(error.message.includes("it has dropped some of it"));
    }
  }
  const { saved, epochs } = await trainOn(dropFrom(2));
  assertEquals([saved, epochs], [false, []]);
});

test("a device that drops any one submission trains nothing", async () => {
  const all = await countSubmissions();
  for (let tenth = 1; tenth < 10; tenth++) {
    const { error } = await trainOn(dropOne(Math.ceil(tenth * all / 10)));
    assert(error.message.includes("it has dropped some of it"), error.message);
  }
});

test("a device that is lost while it trains is said to be, with a way out", async () => {
  const all = await countSubmissions();
  for (const last of [1, Math.floor(all / 3), Math.floor(all / 2), all]) {
    const { error } = await trainOn(dieAt(last));
    assertEquals(error.name, "DeviceError");
    assert(error.message.startsWith("Cannot go on: the GPU device was lost"));
    assert(error.message.includes("--backend wasm"));
  }
});

test("a device that was lost before it trains is said to be", async () => {
  await selectBackend("webgpu");
  const learner = tinyLearner();
  deviceInUse().destroy();
  await assertRejects(
    () => train(learner, SPEC),
    Error,
    "Cannot go on: the GPU device was lost",
  );
});

test("every readback proves the work before it, and a device that goes on is believed again", async () => {
  await selectBackend("webgpu");
  const device = deviceInUse();
  const before = tf.memory().numTensors;
  interceptSubmissions(device, dropOne(2));
  const read = async () => {
    const product = tf.tidy(() =>
      tf.sum(tf.matMul(tf.ones([90, 90]), tf.ones([90, 90])))
    );
    try {
      return await product.array();
    } finally {
      product.dispose();
    }
  };
  assertEquals(await read(), 90 ** 3);
  await assertRejects(read, Error, "it has dropped some of it");
  assertEquals(await read(), 90 ** 3);
  assertEquals(await Promise.all([read(), read(), read()]), [
    90 ** 3,
    90 ** 3,
    90 ** 3,
  ]);
  assertEquals(tf.memory().numTensors, before);
});

for (
  const [fault, message] of [
    ["dies", "Cannot go on: the GPU device was lost"],
    ["drops", "it has dropped some of it"],
  ] as const
) {
  test(`a worker's device that ${fault} is said to`, async () => {
    const url = new URL("unsound_worker.ts", import.meta.url);
    const error = await assertRejects(() => runInWorker(url, fault), Error);
    assertEquals(error.name, "DeviceError", error.message);
    assert(error.message.includes(message), error.message);
  });
}
