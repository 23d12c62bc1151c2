import * as tf from "../tf.ts";
import { type Service, startService } from "../workers/start_service.ts";
import { type Differentiate, differentiateHere } from "./differentiate.ts";
import type { ImageTask } from "./image_learner.ts";
import type { Gradients, Learner } from "./learner.ts";
import { addGradients, differentiateShards, SHARDS } from "./shards.ts";
import type { ShardRequest, ShardSetup } from "./shard_worker.ts";
import { allocateShared, readShared, writeShared } from "./shared_values.ts";

/** Threads that share the work of every step. */
export interface ShardWorkers {
  /** Feeds a batch forward and back, on all of them. */
  differentiate: Differentiate;
  /** Ends them. */
  [Symbol.dispose](): void;
}

/** The largest power of two that is at most `threads` and at most {@linkcode SHARDS}. */
function usableThreads(threads: number): number {
  return Math.min(SHARDS, 2 ** Math.floor(Math.log2(Math.max(1, threads))));
}

/** Sums of neighbours, and sums of those, until one is left. */
function addInPairs(parts: Gradients[]): Gradients {
  if (parts.length === 1) return parts[0];
  const middle = parts.length / 2;
  return addGradients(
    addInPairs(parts.slice(0, middle)),
    addInPairs(parts.slice(middle)),
  );
}

/**
 * Shares the steps of `learner`, made from `task`, among `threads` threads, this
 * one among them, each with a Wasm backend of its own: tfjs's Wasm uses one
 * core. Every batch is cut into {@linkcode SHARDS} shards and their gradients
 * are added in a fixed order, so that any number of threads gives the same bits.
 *
 * Weights and gradients pass through shared memory, batches as indices. The
 * current backend must be Wasm. Throws the workers' errors.
 */
export async function startShardWorkers(
  learner: Learner,
  task: ImageTask,
  threads: number,
): Promise<ShardWorkers> {
  const used = usableThreads(threads);
  const each = SHARDS / used;
  const shapes = learner.initial.map(({ shape }) => shape);
  const outcomeShapes = [...shapes, [2, learner.members]];
  const sharedWeights = allocateShared(shapes);
  const started = await Promise.allSettled(
    Array.from({ length: used - 1 }, async (_, index) => {
      const gradients = allocateShared(outcomeShapes);
      const first = (index + 1) * each;
      const service = await startService<ShardSetup, ShardRequest, void>(
        new URL("./shard_worker.ts", import.meta.url),
        {
          task,
          shards: [first, first + each],
          weights: sharedWeights,
          gradients,
        },
      );
      return { service, gradients };
    }),
  );
  const workers = started.flatMap((result) =>
    result.status === "fulfilled" ? [result.value] : []
  );
  const dispose = () =>
    workers.forEach(({ service }) => service[Symbol.dispose]());
  for (const result of started) {
    if (result.status === "fulfilled") continue;
    dispose();
    throw result.reason;
  }

  const collect = async (
    { service, gradients }: {
      service: Service<ShardRequest, void>;
      gradients: SharedArrayBuffer;
    },
    request: ShardRequest,
  ): Promise<() => Gradients> => {
    await service.ask(request);
    return () => {
      const tensors = readShared(gradients, outcomeShapes);
      return {
        gradients: tensors.slice(0, -1),
        outcome: tensors[shapes.length],
      };
    };
  };

  const whole = differentiateHere(learner);
  return {
    async differentiate(weights, batch, step) {
      if (batch.length < SHARDS) return await whole(weights, batch, step);
      await writeShared(sharedWeights, weights);
      // A copy: with a view of an epoch's order all of that would be sent.
      const request = { batch: batch.slice(), step };
      const others = Promise.allSettled(
        workers.map((worker) => collect(worker, request)),
      );
      // Not before the others have been asked: this blocks.
      const own = differentiateShards(learner, weights, batch, step, [0, each]);
      const parts = [own];
      for (const other of await others) {
        if (other.status === "rejected") {
          tf.dispose(
            parts.flatMap((part) => [...part.gradients, part.outcome]),
          );
          throw other.reason;
        }
        parts.push(other.value());
      }
      return addInPairs(parts);
    },
    [Symbol.dispose]: dispose,
  };
}
