import { assertEquals, assertRejects } from "@std/assert";
import {
  decodeSafeTensors,
  encodeSafeTensors,
  type SafeTensors,
} from "../../../core/files/safetensors.ts";
import {
  loadCheckpoint,
  saveCheckpoint,
} from "../../../core/train/checkpoint.ts";
import type { Learner } from "../../../core/train/learner.ts";
import { makeOptimiser } from "../../../core/train/optimisers/make_optimiser.ts";
import {
  disposeState,
  startState,
  toArray,
  type TrainingState,
} from "../../../core/train/training_state.ts";
import * as tf from "../../../core/tf.ts";

await tf.setBackend("cpu");

const LEARNER: Learner = {
  identity: "constant",
  members: 2,
  initial: [
    { shape: [2, 2], values: Float32Array.of(1.1, -2.2, 3.3e-20, 4e20) },
    { shape: [2], values: Float32Array.of(0, -0) },
  ],
  owners: [Int32Array.of(0, 1), Int32Array.of(0, 1)],
  count: 10,
  feed: () => ({ losses: tf.zeros([2]), correct: tf.zeros([2]) }),
  validate: () => Promise.resolve([]),
};

function freshState(): TrainingState {
  return startState(LEARNER, makeOptimiser({ kind: "adam" }));
}

function arraysOf({ weights, best, optimiser }: TrainingState) {
  return Promise.all([weights, best, optimiser].flat(2).map(toArray));
}

/** Saves a fresh state, lets `change` alter the file, then loads it. */
async function loadChanged(
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array,
): Promise<TrainingState | undefined> {
  const path = await Deno.makeTempFile();
  const state = freshState();
  try {
    await saveCheckpoint(path, state, "run");
    await Deno.writeFile(path, change(await Deno.readFile(path)));
    return await loadCheckpoint(path, state, "run", LEARNER.owners);
  } finally {
    disposeState(state);
    await Deno.remove(path);
  }
}

/** The same, with `change` applied to what the file holds. */
function loadEdited(change: (content: SafeTensors) => void) {
  return loadChanged((bytes) => {
    const content = decodeSafeTensors(bytes, "checkpoint");
    change(content);
    return encodeSafeTensors(content);
  });
}

Deno.test("loadCheckpoint gives back every bit that saveCheckpoint was given", async () => {
  const path = await Deno.makeTempFile();
  const state = freshState();
  state.position.epoch = 3;
  state.position.lossSums = [0.1 + 0.2, 1 / 3];
  state.position.members[1].bestEpoch = 2;
  await saveCheckpoint(path, state, "run");
  const loaded = await loadCheckpoint(
    path,
    freshState(),
    "run",
    LEARNER.owners,
  );
  assertEquals(loaded?.position, state.position);
  assertEquals(loaded && await arraysOf(loaded), await arraysOf(state));
  await Deno.remove(path);
});

Deno.test("loadCheckpoint gives nothing where there is no file", async () => {
  assertEquals(
    await loadCheckpoint("no/such/file", freshState(), "run", []),
    undefined,
  );
});

Deno.test("loadCheckpoint refuses a checkpoint of another run or version", async () => {
  const refusals = [
    ["run", "another", "must be a checkpoint of this very run"],
    ["version", "1", "its version must be 2: current value is 1"],
  ];
  for (const [key, value, message] of refusals) {
    await assertRejects(
      () => loadEdited(({ metadata }) => metadata[key] = value),
      Error,
      message,
    );
  }
});

Deno.test("loadCheckpoint refuses truncated bytes and bytes that follow", async () => {
  await assertRejects(
    () => loadChanged((bytes) => bytes.slice(0, -1)),
    SyntaxError,
  );
  await assertRejects(
    () => loadChanged((bytes) => Uint8Array.of(...bytes, 0)),
    SyntaxError,
  );
});

Deno.test("loadCheckpoint refuses a missing or misshapen tensor and leaks none", async () => {
  const before = tf.memory().numTensors;
  await assertRejects(
    () => loadEdited(({ tensors }) => tensors.delete("optimiser.1.1")),
    SyntaxError,
    "optimiser.1.1 must have shape [2]",
  );
  await assertRejects(
    () =>
      loadEdited(({ tensors }) =>
        tensors.set("best.0", { shape: [4], values: new Float32Array(4) })
      ),
    SyntaxError,
    "best.0 must have shape [2,2]: it has [4]",
  );
  assertEquals(tf.memory().numTensors, before);
});

for (
  const position of ["", "null", "{", "[]", '{"epoch":1}', '{"epoch":"1"}']
) {
  Deno.test(`loadCheckpoint refuses the position ${position || "(none)"}`, async () => {
    await assertRejects(
      () => loadEdited(({ metadata }) => metadata.position = position),
      SyntaxError,
      "must tell the run's position",
    );
  });
}
