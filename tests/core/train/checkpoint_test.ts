import { assert, assertEquals, assertRejects } from "@std/assert";
import { sealOf } from "../../../core/files/checksum.ts";
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

/** Saves a fresh state, lets `change` alter the file, then loads it; with what is told. */
async function loadChanged(
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array,
) {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/run`;
  const fresh = freshState();
  const notes: string[] = [];
  try {
    await saveCheckpoint(path, fresh, "run");
    const changed = change(await Deno.readFile(path));
    await Deno.writeFile(path, changed);
    const expected = { fresh, run: "run", owners: LEARNER.owners };
    const state = await loadCheckpoint(
      path,
      expected,
      (note) => notes.push(note),
    );
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
    const kept = files.includes("run.damaged") &&
      await Deno.readFile(`${path}.damaged`);
    return { state, notes, files, kept, changed };
  } finally {
    disposeState(fresh);
    await Deno.remove(folder, { recursive: true });
  }
}

/** The same, with `change` applied to what the file holds, and a seal that fits. */
function loadEdited(change: (content: SafeTensors) => void) {
  return loadChanged((bytes) => {
    const content = decodeSafeTensors(bytes.subarray(0, -4), "checkpoint");
    change(content);
    const edited = encodeSafeTensors(content);
    return Uint8Array.of(...edited, ...sealOf([edited]));
  });
}

/** Asserts that a checkpoint was put aside as it was, with a word that includes `reason`. */
function assertAside(
  { state, notes, files, kept, changed }: Awaited<
    ReturnType<typeof loadChanged>
  >,
  reason: string,
): void {
  assertEquals(state, undefined);
  assertEquals([files, kept], [["run.damaged"], changed]);
  assertEquals(notes.length, 1);
  assert(notes[0].startsWith("training begins anew, and what it can't go on"));
  assert(notes[0].includes(reason), notes[0]);
}

Deno.test("loadCheckpoint gives back every bit that saveCheckpoint was given", async () => {
  const path = await Deno.makeTempFile();
  const state = freshState();
  state.position.epoch = 3;
  state.position.lossSums = [0.1 + 0.2, 1 / 3];
  state.position.members[1].bestEpoch = 2;
  await saveCheckpoint(path, state, "run");
  const loaded = await loadCheckpoint(path, {
    ...{ fresh: freshState(), run: "run", owners: LEARNER.owners },
  });
  assertEquals(loaded?.position, state.position);
  assertEquals(loaded && await arraysOf(loaded), await arraysOf(state));
  await Deno.remove(path);
});

Deno.test("loadCheckpoint gives nothing where there is no file, and says nothing", async () => {
  const notes: string[] = [];
  const expected = { fresh: freshState(), run: "run", owners: [] };
  const note = (text: string) => notes.push(text);
  assertEquals(await loadCheckpoint("no/such", expected, note), undefined);
  assertEquals(notes, []);
});

Deno.test("loadCheckpoint refuses a checkpoint of another run", async () => {
  await assertRejects(
    () => loadEdited(({ metadata }) => metadata.run = "another"),
    Error,
    "must be a checkpoint of this very run",
  );
});

Deno.test("a checkpoint with any byte flipped is put aside, with a word", async () => {
  let length = 1;
  for (let place = 0; place < length; place++) {
    const loaded = await loadChanged((bytes) => {
      length = bytes.length;
      const flipped = bytes.slice();
      flipped[place] ^= 1 << place % 8;
      return flipped;
    });
    assertAside(loaded, "must be what was written");
  }
  assert(length > 500, "it has a header of some size");
});

Deno.test("a checkpoint cut short or followed by bytes is put aside", async () => {
  const cut = (bytes: Uint8Array) => bytes.slice(0, -1);
  assertAside(await loadChanged(cut), "must be what was written");
  assertAside(await loadChanged(() => new Uint8Array()), "what was written");
  const followed = (bytes: Uint8Array) => Uint8Array.of(...bytes, 0);
  assertAside(await loadChanged(followed), "must be what was written");
});

Deno.test("a checkpoint of version 2 is put aside, and said to be one", async () => {
  const older = await loadChanged((bytes) => {
    const content = decodeSafeTensors(bytes.subarray(0, -4), "checkpoint");
    content.metadata.version = "2";
    return encodeSafeTensors(content);
  });
  assertAside(older, "it must be of version 3: it is of 2");
});

Deno.test("a checkpoint with a missing or misshapen tensor is put aside, and none leaks", async () => {
  const before = tf.memory().numTensors;
  assertAside(
    await loadEdited(({ tensors }) => tensors.delete("optimiser.1.1")),
    "optimiser.1.1 must have shape [2]",
  );
  assertAside(
    await loadEdited(({ tensors }) =>
      tensors.set("best.0", { shape: [4], values: new Float32Array(4) })
    ),
    "best.0 must have shape [2,2]: it has [4]",
  );
  assertEquals(tf.memory().numTensors, before);
});

for (
  const position of ["", "null", "{", "[]", '{"epoch":1}', '{"epoch":"1"}']
) {
  Deno.test(`a checkpoint with the position ${position || "(none)"} is put aside`, async () => {
    assertAside(
      await loadEdited(({ metadata }) => metadata.position = position),
      "must tell the run's position",
    );
  });
}
