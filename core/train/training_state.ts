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
  /** Whether the member has stopped, early or because it diverged. */
  stopped: boolean;
  /** Why it can't be trained: a loss of its own that was no longer finite. */
  failure?: string;
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
  /** The members whose weights are still in the state. */
  active: number[];
}

/** Everything that a run needs to go on as if it had never stopped. */
export interface TrainingState {
  /** Current weights of the active members. */
  weights: tf.Tensor[];
  /** Their moving average, where the run keeps one: what is judged and kept. */
  average?: tf.Tensor[];
  /** Each active member's weights at its best epoch. */
  best: tf.Tensor[];
  /** The optimiser's accumulators. */
  optimiser: OptimiserState;
  /** Counters and records; with the seed, these are the random state too. */
  position: TrainingPosition;
  /** Best weights of members that have left, in the shapes of all members'. */
  retired?: FloatArray[];
}

/** Zeros, one a member. */
function perMember(members: number): number[] {
  return new Array(members).fill(0);
}

/** The state of a run that has not begun, with an average of its weights if asked for. */
export function startState(
  learner: Learner,
  optimiser: Optimiser,
  { averages = false }: { averages?: boolean } = {},
): TrainingState {
  const weights = learner.initial.map(toTensor);
  return {
    weights,
    average: averages ? weights.map((weight) => tf.clone(weight)) : undefined,
    best: weights.map((weight) => tf.clone(weight)),
    optimiser: optimiser.start(weights),
    position: {
      epoch: 0,
      batch: 0,
      step: 0,
      seen: 0,
      lossSums: perMember(learner.members),
      correct: perMember(learner.members),
      members: Array.from(
        { length: learner.members },
        () => ({ epochs: [], bestEpoch: 0, stopped: false }),
      ),
      active: Array.from({ length: learner.members }, (_, member) => member),
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

/** What validation judges: the average of the weights where there is one. */
export function judgedWeights(
  { weights, average }: TrainingState,
): tf.Tensor[] {
  return average ?? weights;
}

/** Frees every tensor of `state`. */
export function disposeState(state: TrainingState): void {
  tf.dispose([
    state.weights,
    state.average ?? [],
    state.best,
    state.optimiser,
  ]);
}

/**
 * Whether `score` beats `best`: by bytes where both are accurate enough, otherwise by accuracy,
 * and by loss where that is equal.
 */
function beats(
  score: Score,
  best: Score | undefined,
  atLeast = Infinity,
): boolean {
  if (!best) return true;
  if (Math.min(score.accuracy, best.accuracy) >= atLeast) {
    const { bytes = Infinity } = score;
    const { bytes: least = Infinity } = best;
    if (bytes !== least) return bytes < least;
  }
  if (score.accuracy !== best.accuracy) return score.accuracy > best.accuracy;
  return score.loss < best.loss;
}

/**
 * Ends an epoch: appends its record to every member that is still training,
 * keeps the weights of those that improved, and stops those that have not for
 * `patience` epochs. `validation` has a score for each active member, and
 * `owners` are those of the active members' weights.
 */
export function closeEpoch(
  state: TrainingState,
  owners: Int32Array[],
  validation: Score[],
  { patience, atLeast }: { patience: number; atLeast?: number },
): void {
  const { position } = state;
  position.epoch++;
  const improved = position.active.map((index, place) => {
    const member = position.members[index];
    if (member.stopped) return false;
    const best = member.epochs[member.bestEpoch - 1]?.validation;
    member.epochs.push({
      epoch: position.epoch,
      training: {
        loss: position.lossSums[index] / position.seen,
        accuracy: position.correct[index] / position.seen,
      },
      validation: validation[place],
    });
    if (beats(validation[place], best, atLeast)) {
      member.bestEpoch = position.epoch;
      return true;
    }
    member.stopped = position.epoch - member.bestEpoch >= patience;
    return false;
  });
  if (improved.some(Boolean)) keepBest(state, owners, improved);
  position.batch = 0;
  position.seen = 0;
  position.lossSums = perMember(position.members.length);
  position.correct = perMember(position.members.length);
}

/** best ← weights or their average, in the columns of the members that `improved`. */
function keepBest(
  state: TrainingState,
  owners: Int32Array[],
  improved: boolean[],
): void {
  const best = tf.tidy(() =>
    judgedWeights(state).map((weight, index) => {
      if (improved.every(Boolean)) return tf.clone(weight);
      const mask = Uint8Array.from(
        owners[index],
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
