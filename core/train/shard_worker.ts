import { useWasm } from "../device/wasm.ts";
import * as tf from "../tf.ts";
import { serveRequests } from "../workers/serve_requests.ts";
import { imageLearner, type ImageTask } from "./image_learner.ts";
import { differentiateShards } from "./shards.ts";
import { readShared, writeShared } from "./shared_values.ts";

/** What a worker that computes some shards of every batch needs to know. */
export interface ShardSetup {
  /** What is learnt. */
  task: ImageTask;
  /** Its shards, from the first up to the second. */
  shards: [number, number];
  /** Where the current weights lie. */
  weights: SharedArrayBuffer;
  /** Where gradients go, and the batch's outcome after them. */
  gradients: SharedArrayBuffer;
}

/** A batch that is to be fed forward and back. */
export interface ShardRequest {
  batch: Uint32Array<ArrayBuffer>;
  step: number;
}

serveRequests<ShardSetup, ShardRequest, void>(async (setup) => {
  await useWasm();
  const learner = imageLearner(setup.task);
  const shapes = learner.initial.map(({ shape }) => shape);
  return async ({ batch, step }) => {
    const shares = tf.tidy(() => {
      const weights = readShared(setup.weights, shapes);
      const { gradients, outcome } = differentiateShards(
        learner,
        weights,
        batch,
        step,
        setup.shards,
      );
      return [...gradients, outcome];
    });
    await writeShared(setup.gradients, shares);
    tf.dispose(shares);
  };
});
