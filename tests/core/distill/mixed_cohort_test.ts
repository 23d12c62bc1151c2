import { assert, assertEquals, assertRejects } from "@std/assert";
import { openCohort } from "../../../core/distill/cohort.ts";
import { cutMember } from "../../../core/distill/cohort_weights.ts";
import type { FeatureStore } from "../../../core/distill/feature_store.ts";
import { holdTrainingFeatures } from "../../../core/distill/resident_features.ts";
import type { StudentConfig } from "../../../core/distill/student_config.ts";
import * as tf from "../../../core/tf.ts";
import type { Learner } from "../../../core/train/learner.ts";
import { train, type TrainingOptions } from "../../../core/train/train.ts";
import { thinStore } from "./thin_store.ts";
import { extractTiny, makeTinyExperiment } from "./tiny_experiment.ts";
import {
  assertAlike,
  LOSSES,
  members,
  SPEC,
  trainCohort,
} from "./train_cohort.ts";

const store = await extractTiny(await makeTinyExperiment());
const thin = await thinStore(store);
/** Whose features are multiplied as a sparse matrix. */
const sparse = await holdTrainingFeatures(thin);

/** Students that differ in all that those of one cohort can. */
const MIXED: StudentConfig[] = [
  { hidden: 5, dropout: 0.3, loss: LOSSES[0], seed: 7 },
  { hidden: 2, dropout: 0.3, loss: LOSSES[1], seed: 7 },
  { hidden: 12, dropout: 0.3, loss: LOSSES[2], seed: 7 },
  { hidden: 3, dropout: 0.3, loss: LOSSES[1], seed: 7 },
  { hidden: 4, dropout: 0.3, loss: LOSSES[0], seed: 7 },
  { hidden: 1, dropout: 0.3, loss: LOSSES[2], seed: 7 },
];

Deno.test("students of mixed widths and losses get the weights that each gets alone", async () => {
  const together = await trainCohort(store, MIXED);
  for (const [index, student] of MIXED.entries()) {
    const [alone] = await trainCohort(store, [student]);
    assertAlike(together[index], alone);
  }
});

Deno.test("features held without their zeros teach what those on disk do", async () => {
  assert(sparse.parts.train.sparse, "most are 0");
  const held = await trainCohort(sparse, MIXED);
  const read = await trainCohort(thin, MIXED);
  held.forEach((student, index) => assertAlike(student, read[index]));
});

Deno.test("students of mixed kinds, their features held, get the weights that each gets alone", async () => {
  const together = await trainCohort(sparse, MIXED);
  for (const [index, student] of MIXED.entries()) {
    const [alone] = await trainCohort(sparse, [student]);
    assertAlike(together[index], alone);
  }
});

Deno.test("a student that diverges leaves the others as they would be without it", async () => {
  const spoiler: StudentConfig = {
    ...{ hidden: 6, dropout: 0.3, seed: 7 },
    // Divides logits by what is 0 in float32: its loss is finite at no step.
    loss: { kind: "distillation", temperature: 1e-300, alpha: 0.5 },
  };
  const [first, ...rest] = members(LOSSES[1]);
  const spoilt = await trainCohort(store, [first, spoiler, ...rest]);
  const { failure, stopped, epochs } = spoilt[1].record;
  assert(failure?.includes("the loss must be finite"), failure);
  assertEquals([stopped, epochs.length], [true, 0]);
  const clean = await trainCohort(store, [first, ...rest]);
  spoilt.toSpliced(1, 1).forEach((student, index) =>
    assertAlike(student, clean[index])
  );
});

Deno.test("a cohort is trained by its members' seed alone, which orders examples too", async () => {
  await assertRejects(
    () => trainCohort(store, MIXED, { ...SPEC, seed: 8 }),
    RangeError,
    "the run must have its learner's seed, 7: current value is 8",
  );
});

/** Trains `students` until all have stopped, compacting or not. */
async function trainWhole(
  students: StudentConfig[],
  compacts: boolean,
  options: TrainingOptions = {},
) {
  using cohort = openCohort(store, students);
  const sizes: number[] = [];
  const watched = ({ feed, keep, ...rest }: Learner): Learner => ({
    ...rest,
    feed: (...given) => {
      sizes.push(rest.members);
      return feed(...given);
    },
    keep: compacts ? (members) => watched(keep!(members)) : undefined,
  });
  const spec = { ...SPEC, epochs: 12 };
  const result = await train(watched(cohort), spec, options);
  return { ...result, sizes };
}

Deno.test("students that stop leave their cohort, and the rest end as if they had stayed", async () => {
  const whole = await trainWhole(MIXED, false);
  const compacted = await trainWhole(MIXED, true);
  assertEquals(new Set(whole.sizes), new Set([MIXED.length]));
  assert(new Set(compacted.sizes).size > 2, `${new Set(compacted.sizes)}`);
  using cohort = openCohort(store, MIXED);
  MIXED.forEach((_, member) => {
    const [a, b] = [whole, compacted].map(({ weights, members }) => ({
      weights: cutMember(cohort.layout, weights, member),
      record: members[member],
    }));
    assertAlike(a, b);
  });
});

Deno.test("a cohort that has lost members, stopped and resumed, ends as if never stopped", async () => {
  const whole = await trainWhole(MIXED, true);
  const checkpoint = await Deno.makeTempFile();
  await Deno.remove(checkpoint);
  const stopAfter = async (epoch: number) => {
    const controller = new AbortController();
    await assertRejects(
      () =>
        trainWhole(MIXED, true, {
          checkpoint,
          signal: controller.signal,
          onProgress: (progress) => {
            if (progress.epoch === epoch) controller.abort(new Error("stop"));
          },
        }),
      Error,
      "stop",
    );
  };
  const smaller = whole.sizes.findIndex((size) => size < MIXED.length);
  const steps = Math.ceil(store.parts.train.count / SPEC.batchSize);
  for (const epoch of [smaller / steps, smaller / steps + 1]) {
    await stopAfter(epoch);
  }
  const resumed = await trainWhole(MIXED, true, { checkpoint });
  assert(resumed.sizes[0] < MIXED.length);
  assertEquals(resumed.members, whole.members);
  assertEquals(resumed.weights, whole.weights);
  await Deno.remove(checkpoint);
});

/** Whether the features' zeros are left out, and what the test is called by it. */
const HOLDINGS: [FeatureStore, string][] = [
  [store, "read from disk"],
  [sparse, "held without zeros"],
];
for (const [from, how] of HOLDINGS) {
  Deno.test(`a cohort holds no more tensors after 200 steps than after a few, and none in the end, its features ${how}`, async () => {
    const before = tf.memory();
    const counts: [number, number][] = [];
    using cohort = openCohort(from, MIXED);
    await train(cohort, { ...SPEC, epochs: 5, batchSize: 14, patience: 5 }, {
      onProgress: ({ kind }) => {
        const { numTensors, numBytes } = tf.memory();
        if (kind === "step") counts.push([numTensors, numBytes]);
      },
    });
    assert(counts.length >= 10); // every 20 steps
    counts.slice(1).forEach((count) => assertEquals(count, counts[0]));
    cohort[Symbol.dispose]();
    const { numTensors, numBytes } = tf.memory();
    assertEquals([numTensors, numBytes], [before.numTensors, before.numBytes]);
  });
}
