import { assertEquals } from "@std/assert";
import type { Learner, Score } from "../../../core/train/learner.ts";
import {
  train,
  type TrainingProgress,
  type TrainingSpec,
} from "../../../core/train/train.ts";
import * as tf from "../../../core/tf.ts";

await tf.setBackend("cpu");

const SPEC: TrainingSpec = {
  seed: 1,
  epochs: 6,
  batchSize: 2,
  patience: 2,
  optimiser: { kind: "sgd", momentum: 0 },
  schedule: { kind: "constant", rate: 1 },
};

/**
 * A learner of one weight a member that starts at 0 and falls by 1 an epoch,
 * and whose validation accuracies, an epoch a row, are given.
 */
function counting(accuracies: number[][], losses = accuracies): Learner {
  const members = accuracies[0].length;
  let epoch = 0;
  return {
    identity: "counting",
    members,
    initial: [{ shape: [members], values: new Float32Array(members) }],
    owners: [Int32Array.from({ length: members }, (_, index) => index)],
    count: 2,
    feed: (weights) => ({
      losses: tf.reshape(weights[0], [members]),
      correct: tf.fill([members], 2),
    }),
    validate: () => {
      const scores = accuracies[epoch].map((accuracy, member): Score => ({
        accuracy,
        loss: losses[epoch][member],
      }));
      epoch++;
      return Promise.resolve(scores);
    },
  };
}

Deno.test("train gives the weights of the best epoch, not of the last", async () => {
  const { weights, members } = await train(
    counting([[0.5], [0.9], [0.8], [0.7], [1], [1]]),
    SPEC,
  );
  assertEquals(weights[0].values, Float32Array.of(-2));
  assertEquals(members[0].bestEpoch, 2);
  assertEquals(members[0].epochs.length, 4, "two epochs of patience");
  assertEquals(members[0].stopped, true);
});

Deno.test("train prefers the lower loss where accuracies are equal", async () => {
  const { members } = await train(
    counting([[0.5], [0.5], [0.5]], [[3], [1], [2]]),
    { ...SPEC, epochs: 3 },
  );
  assertEquals(members[0].bestEpoch, 2);
});

Deno.test("train stops each member by itself and keeps each one's best weights", async () => {
  const reports: TrainingProgress[] = [];
  const { weights, members } = await train(
    counting([
      [0.9, 0.1],
      [0.8, 0.2],
      [0.7, 0.3],
      [1.0, 0.4], // the first member has stopped: this doesn't count
      [1.0, 0.3],
      [1.0, 0.5],
    ]),
    SPEC,
    { onProgress: (progress) => reports.push(progress) },
  );
  assertEquals(weights[0].values, Float32Array.of(-1, -6));
  assertEquals(members.map(({ bestEpoch }) => bestEpoch), [1, 6]);
  assertEquals(members.map(({ epochs }) => epochs.length), [3, 6]);
  for (const { training } of reports) {
    assertEquals(training.map(({ accuracy }) => accuracy), [1, 1]);
  }
  assertEquals(reports.length, 6);
});

Deno.test("train goes on when a member diverges after it has stopped", async () => {
  const learner = counting([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0, 0.4]]);
  let steps = 0;
  const { members } = await train(
    {
      ...learner,
      feed: (weights, batch, step) => {
        const { losses, correct } = learner.feed(weights, batch, step);
        const scale = tf.tensor1d([steps++ < 3 ? 1 : Infinity, 1]);
        return { losses: tf.mul(losses, scale), correct };
      },
    },
    { ...SPEC, epochs: 4 },
  );
  assertEquals(members.map(({ epochs }) => epochs.length), [3, 4]);
});
