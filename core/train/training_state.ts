import type { FloatArray } from "../files/safetensors.ts";
import * as tf from "../tf.ts";
import type { Learner, Score } from "./learner.ts";
import type { Optimiser, OptimiserState } from "./optimisers/optimiser.ts";

/** One member's result of one epoch. */
export interface EpochRecord {
  /** Number of the epoch, from 1. */
  epoch: number;
  /** On the batches as they were learnt from, with dropout. */
  training: Score;
  /** On the validation examples, after the epoch. */
  validation: Score;
}

/** What one member has reached. */
export interface MemberRecord {
  /** One record an epoch, up to where the member stopped. */
  epochs: EpochRecord[];
  /** Epoch whose weights were the best on validation; 0 before the first. */
  bestEpoch: number;
  /** Whether the member has stopped early. */
  stopped: boolean;
}

/** Where a training run stands, as plain data. */
export interface TrainingPosition {
  /** Epochs finished. */
  epoch: number;
  /** Batches of the current epoch finished. */
  batch: number;
  /** Steps taken in all. */
  step: number;
  /** Examples seen in the current epoch. */
  seen: number;
  /** Sum over those of each member's loss. */
  lossSums: number[];
  /** How many of those each member classified correctly. */
  correct: number[];
  /** Each member's record. */
  members: MemberRecord[];
}

/** Everything that a run needs to go on as if it had never stopped. */
export interface TrainingState {
  /** Current weights. */
  weights: tf.Tensor[];
  /** Each member's weights at its best epoch. */
  best: tf.Tensor[];
  /** The optimiser's accumulators. */
  optimiser: OptimiserState;
  /** Counters and records; with the seed, these are the random state too. */
  position: TrainingPosition;
}

/** Zeros, one a member. */
function perMember(learner: Learner): number[] {
  return new Array(learner.members).fill(0);
}

/** The state of a run that has not begun. */
export function startState(
  learner: Learner,
  optimiser: Optimiser,
): TrainingState {
  const weights = learner.initial.map(toTensor);
  return {
    weights,
    best: weights.map((weight) => tf.clone(weight)),
    optimiser: optimiser.start(weights),
    position: {
      epoch: 0,
      batch: 0,
      step: 0,
      seen: 0,
      lossSums: perMember(learner),
      correct: perMember(learner),
      members: Array.from(
        { length: learner.members },
        () => ({ epochs: [], bestEpoch: 0, stopped: false }),
      ),
    },
  };
}

/** The array as a tensor on the current backend. */
export function toTensor({ shape, values }: FloatArray): tf.Tensor {
  return tf.tensor(values, shape, "float32");
}

/** The tensor's values and shape, read back from the device. */
export async function toArray(tensor: tf.Tensor): Promise<FloatArray> {
  const values = new Float32Array(await tensor.data<"float32">());
  return { shape: [...tensor.shape], values };
}

/** Frees every tensor of `state`. */
export function disposeState(state: TrainingState): void {
  tf.dispose([state.weights, state.best, state.optimiser]);
}

/** Whether `score` beats `best`: by accuracy, and by loss where that is equal. */
function beats(score: Score, best: Score | undefined): boolean {
  if (!best) return true;
  if (score.accuracy !== best.accuracy) return score.accuracy > best.accuracy;
  return score.loss < best.loss;
}

/**
 * Ends an epoch: appends its record to every member that is still training,
 * keeps the weights of those that improved, and stops those that have not for
 * `patience` epochs.
 */
export function closeEpoch(
  state: TrainingState,
  learner: Learner,
  validation: Score[],
  patience: number,
): void {
  const { position } = state;
  position.epoch++;
  const improved = position.members.map((member, index) => {
    if (member.stopped) return false;
    const best = member.epochs[member.bestEpoch - 1]?.validation;
    member.epochs.push({
      epoch: position.epoch,
      training: {
        loss: position.lossSums[index] / position.seen,
        accuracy: position.correct[index] / position.seen,
      },
      validation: validation[index],
    });
    if (beats(validation[index], best)) {
      member.bestEpoch = position.epoch;
      return true;
    }
    member.stopped = position.epoch - member.bestEpoch >= patience;
    return false;
  });
  if (improved.some(Boolean)) keepBest(state, learner, improved);
  position.batch = 0;
  position.seen = 0;
  position.lossSums = perMember(learner);
  position.correct = perMember(learner);
}

/** best ← weights, in the columns of the members that `improved`. */
function keepBest(
  state: TrainingState,
  learner: Learner,
  improved: boolean[],
): void {
  const best = tf.tidy(() =>
    state.weights.map((weight, index) => {
      const mask = Uint8Array.from(
        learner.owners[index],
        (owner) => Number(improved[owner]),
      );
      const columns = tf.tensor1d(mask, "bool");
      return tf.where(
        tf.broadcastTo(columns, weight.shape),
        weight,
        state.best[index],
      );
    })
  );
  tf.dispose(state.best);
  state.best = best;
}
