import type { Learner } from "../../core/train/learner.ts";
import {
  train,
  type TrainingOptions,
  type TrainingSpec,
} from "../../core/train/train.ts";

/** More than a benchmark ever asks for. */
const MOST_EPOCHS = 1e6;

/**
 * A training that goes on by one epoch at a time: each call runs the next epoch
 * of `train` over all of `learner`, and returns how long one of its steps took, in
 * ms, on average, the readback that ends an epoch included, validation not. The
 * first call starts the training.
 */
export function pausingTraining(
  learner: Learner,
  { seed, batchSize, optimiser, averaging }: Pick<
    TrainingSpec,
    "seed" | "batchSize" | "optimiser" | "averaging"
  >,
  options?: Pick<TrainingOptions, "differentiate">,
): () => Promise<number> {
  const steps = Math.ceil(learner.count / batchSize);
  const score = { loss: 0, accuracy: 0 };
  let go = Promise.withResolvers<void>();
  let ended = Promise.withResolvers<void>();
  const paused: Learner = {
    ...learner,
    async validate() {
      const next = go.promise;
      ended.resolve();
      await next;
      return Array.from({ length: learner.members }, () => score);
    },
  };
  let training: Promise<unknown> | undefined;
  return async () => {
    const start = performance.now();
    ended = Promise.withResolvers();
    if (training) {
      const { resolve } = go;
      go = Promise.withResolvers();
      resolve();
    } else {
      training = train(paused, {
        // By name: the whole of a `TrainingSpec` may be given, whose epochs are of other lengths.
        seed,
        batchSize,
        optimiser,
        averaging,
        epochs: MOST_EPOCHS,
        patience: MOST_EPOCHS,
        schedule: { kind: "constant", rate: 1e-3 },
      }, options);
    }
    await Promise.race([ended.promise, training]);
    return (performance.now() - start) / steps;
  };
}
