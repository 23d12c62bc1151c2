import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import {
  clearDeviceFailure,
  reportDeviceFailure,
} from "../../../core/device/health.ts";
import { useWasm } from "../../../core/device/wasm.ts";
import {
  train,
  type TrainingProgress,
  type TrainingSpec,
} from "../../../core/train/train.ts";
import * as tf from "../../../core/tf.ts";
import { tinyLearner } from "./tiny_digits.ts";

await useWasm();

const SPEC: TrainingSpec = {
  seed: 1,
  epochs: 3,
  batchSize: 8, // 50 steps an epoch: progress is told, and stops heard, at 20 and 40
  patience: 10,
  optimiser: { kind: "adam" },
  schedule: { kind: "cosine", rate: 0.03, warmup: 5 },
};

/** A path for a checkpoint in a fresh folder, removed with the scope. */
async function temporaryPath(): Promise<AsyncDisposable & { path: string }> {
  const folder = await Deno.makeTempDir();
  return {
    path: `${folder}/run.safetensors`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Trains until `stop` says so, and expects the stop to be obeyed. */
async function trainUntil(
  stop: (progress: TrainingProgress) => boolean,
  checkpoint: string,
  spec = SPEC,
): Promise<TrainingProgress> {
  const controller = new AbortController();
  let last: TrainingProgress | undefined;
  await assertRejects(
    () =>
      train(tinyLearner(), spec, {
        checkpoint,
        signal: controller.signal,
        onProgress: (progress) => {
          last = progress;
          if (stop(progress)) controller.abort(new Error("stopped by hand"));
        },
      }),
    Error,
    "stopped by hand",
  );
  if (!last) throw new Error("The run reported nothing");
  return last;
}

const whole = await train(tinyLearner(), SPEC);

Deno.test("train learns: the loss falls and accuracy rises far above chance", () => {
  const { epochs } = whole.members[0];
  assertEquals(epochs.map(({ epoch }) => epoch), [1, 2, 3]);
  assert(epochs[2].training.loss < epochs[0].training.loss);
  assert(epochs[2].validation.accuracy > 0.75);
});

Deno.test("train gives equal results for equal seeds, and others for others", async () => {
  assertEquals(await train(tinyLearner(), SPEC), whole);
  const other = await train(tinyLearner(2), { ...SPEC, epochs: 1, seed: 2 });
  assertNotEquals(other.members[0].epochs[0], whole.members[0].epochs[0]);
});

for (
  const optimiser of [
    { kind: "adam" },
    { kind: "adadelta" },
    { kind: "sgd" },
  ] as const
) {
  Deno.test(`train, stopped in mid-epoch and resumed, ends as if never stopped, with ${optimiser.kind}`, async () => {
    await using file = await temporaryPath();
    const spec = { ...SPEC, epochs: 2, optimiser };
    const unstopped = await train(tinyLearner(), spec);
    const last = await trainUntil(({ step }) => step === 70, file.path, spec);
    assertEquals([last.kind, last.epoch], ["step", 2]);
    const resumed = await train(tinyLearner(), spec, { checkpoint: file.path });
    assertEquals(resumed, unstopped);
  });
}

Deno.test("train, stopped four times, ends as if never stopped", async () => {
  await using file = await temporaryPath();
  for (const at of [20, 40, 90, 120]) {
    await trainUntil(({ step }) => step >= at, file.path);
  }
  let first: number | undefined;
  const resumed = await train(tinyLearner(), SPEC, {
    checkpoint: file.path,
    onProgress: ({ step }) => first ??= step,
  });
  assertEquals(resumed, whole);
  assert(first !== undefined && first > 120, "it began anew");
});

Deno.test("train, resumed from a finished run's checkpoint, gives its result at once", async () => {
  await using file = await temporaryPath();
  await train(tinyLearner(), SPEC, { checkpoint: file.path });
  const reports: TrainingProgress[] = [];
  const again = await train(tinyLearner(), SPEC, {
    checkpoint: file.path,
    onProgress: (progress) => reports.push(progress),
  });
  assertEquals(again, whole);
  assertEquals(reports, []);
});

Deno.test("train saves after every epoch, so that a crash costs one at the most", async () => {
  await using file = await temporaryPath();
  await assertRejects(
    () =>
      train(tinyLearner(), SPEC, {
        checkpoint: file.path,
        onProgress: ({ step }) => {
          if (step === 70) throw new Error("crash");
        },
      }),
    Error,
    "crash",
  );
  let first: number | undefined;
  const resumed = await train(tinyLearner(), SPEC, {
    checkpoint: file.path,
    onProgress: ({ step }) => first ??= step,
  });
  assertEquals([first, resumed], [70, whole]);
});

Deno.test("train begins anew, with a word, where its checkpoint has changed", async () => {
  await using file = await temporaryPath();
  await trainUntil(({ step }) => step === 70, file.path);
  const bytes = await Deno.readFile(file.path);
  bytes[bytes.length - 9] ^= 1; // a best weight: nothing else would tell
  await Deno.writeFile(file.path, bytes);
  const notes: string[] = [];
  let first: number | undefined;
  const result = await train(tinyLearner(), SPEC, {
    checkpoint: file.path,
    onNote: (note) => notes.push(note),
    onProgress: ({ step }) => first ??= step,
  });
  assertEquals([first, result], [20, whole]);
  assertEquals(notes.length, 1);
  assertEquals(await Deno.readFile(`${file.path}.damaged`), bytes);
});

Deno.test("train refuses to resume another run's checkpoint", async () => {
  await using file = await temporaryPath();
  await train(tinyLearner(), { ...SPEC, epochs: 1 }, { checkpoint: file.path });
  await assertRejects(
    () => train(tinyLearner(), SPEC, { checkpoint: file.path }),
    Error,
    "it belongs to another configuration",
  );
});

Deno.test("train frees every tensor, whether it finishes, stops or fails", async () => {
  await using file = await temporaryPath();
  const before = tf.memory().numTensors;
  const spec = { ...SPEC, epochs: 1 };
  await train(tinyLearner(), spec);
  assertEquals(tf.memory().numTensors, before);
  await trainUntil(({ step }) => step === 20, file.path, spec);
  assertEquals(tf.memory().numTensors, before);
  const learner = tinyLearner();
  await assertRejects(() => train(learner, { ...spec, batchSize: 0 }));
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("train holds no more tensors after many steps than after a few", async () => {
  const counts: number[] = [];
  await train(tinyLearner(), { ...SPEC, epochs: 2 }, {
    onProgress: ({ kind }) => {
      if (kind === "step") counts.push(tf.memory().numTensors);
    },
  });
  assertEquals(counts.length, 4);
  assertEquals(new Set(counts).size, 1);
});

Deno.test("train tells step, rate and scores to its callback", async () => {
  const reports: TrainingProgress[] = [];
  await train(tinyLearner(), { ...SPEC, epochs: 2 }, {
    onProgress: (progress) => reports.push(progress),
  });
  assertEquals(
    reports.map(({ kind, epoch, step }) => `${kind} ${epoch} ${step}`),
    ["step 1 20", "step 1 40", "epoch 1 50"]
      .concat(["step 2 70", "step 2 90", "epoch 2 100"]),
  );
  for (const report of reports) {
    assertEquals([report.steps, report.epochs], [100, 2]);
    assert(report.examplesPerSecond > 0 && report.secondsLeft >= 0);
    assert(report.training[0].loss > 0);
    assertEquals(report.validation !== undefined, report.kind === "epoch");
  }
  assertEquals(reports[5].secondsLeft, 0);
});

Deno.test("train says what to do when the loss is no longer finite", async () => {
  await assertRejects(
    () =>
      train(tinyLearner(), {
        ...SPEC,
        optimiser: { kind: "sgd" },
        schedule: { kind: "constant", rate: 1e30 },
      }),
    Error,
    "try a lower learning rate",
  );
});

Deno.test("train stops with the device's error when that has failed", async () => {
  clearDeviceFailure();
  reportDeviceFailure(new Error("Cannot go on: the device was lost"));
  try {
    await assertRejects(
      () => train(tinyLearner(), SPEC),
      Error,
      "the device was lost",
    );
  } finally {
    clearDeviceFailure();
  }
});

for (
  const [field, value] of [
    ["epochs", 0],
    ["epochs", 1.5],
    ["patience", 0],
    ["batchSize", 0],
    ["batchSize", NaN],
    ["schedule", { kind: "constant", rate: 0 }],
  ] as const
) {
  Deno.test(`train refuses ${field} ${JSON.stringify(value)}`, async () => {
    await assertRejects(
      () => train(tinyLearner(), { ...SPEC, [field]: value }),
      RangeError,
      "current value is",
    );
  });
}
