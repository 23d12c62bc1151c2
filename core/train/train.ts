import { epochBatches } from "../data/batches.ts";
import {
  confirmDeviceHealthy,
  explainDeviceFailure,
} from "../device/health.ts";
import type { FloatArray } from "../files/safetensors.ts";
import * as tf from "../tf.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { collectBest, dropStopped } from "./compaction.ts";
import { type Differentiate, differentiateHere } from "./differentiate.ts";
import { stopDiverged } from "./divergence.ts";
import type { Learner, Score } from "./learner.ts";
import {
  type AveragingSpec,
  checkAveraging,
  moveAverages,
} from "./moving_average.ts";
import {
  makeOptimiser,
  type OptimiserSpec,
} from "./optimisers/make_optimiser.ts";
import type { Optimiser } from "./optimisers/optimiser.ts";
import {
  checkSchedule,
  learningRateAt,
  type ScheduleSpec,
} from "./schedule.ts";
import {
  closeEpoch,
  disposeState,
  judgedWeights,
  type MemberRecord,
  startState,
  type TrainingPosition,
  type TrainingState,
} from "./training_state.ts";

/** What one step proceeds by. */
interface StepOptions {
  /** Feeds the batch forward and back. */
  differentiate: Differentiate;
  optimiser: Optimiser;
  learningRate: number;
  /** How the state's average follows, if it has one. */
  averaging?: AveragingSpec;
}

/**
 * One step: the gradient of the members' mean losses on the batch, and the
 * optimiser's update of `state`, then that of its average. Returns what the batch
 * was like, `[2, members]`: sums of losses and counts of correct answers.
 */
async function takeStep(
  state: TrainingState,
  batch: Uint32Array<ArrayBuffer>,
  { differentiate, optimiser, learningRate, averaging }: StepOptions,
): Promise<tf.Tensor> {
  const { step } = state.position;
  const { gradients, outcome } = await differentiate(
    state.weights,
    batch,
    step,
  );
  const updated = tf.tidy(() => ({
    ...optimiser.update({
      weights: state.weights,
      gradients,
      state: state.optimiser,
      learningRate,
      count: step + 1,
    }),
  }));
  tf.dispose([gradients, state.weights, state.optimiser]);
  state.weights = updated.weights;
  state.optimiser = updated.state;
  if (averaging && state.average) {
    const { average, weights } = state;
    const updates = (step + 1) / (averaging.every ?? 1);
    if (Number.isInteger(updates)) {
      state.average = moveAverages(average, weights, averaging, updates);
      tf.dispose(average);
    }
  }
  return outcome;
}

/** Σ tensors, of two at a time: `tf.addN` binds them all, and browsers allow ten. */
function addPairwise(tensors: tf.Tensor[]): tf.Tensor {
  if (tensors.length === 1) return tensors[0];
  const middle = tensors.length >>> 1;
  return tf.add(
    addPairwise(tensors.slice(0, middle)),
    addPairwise(tensors.slice(middle)),
  );
}

/**
 * Adds the outcomes of some steps to the epoch's sums, and stops members whose
 * loss is no longer finite.
 */
async function addOutcomes(
  { position }: TrainingState,
  outcomes: tf.Tensor[],
): Promise<void> {
  const total = tf.tidy(() => addPairwise(outcomes));
  const sums = await total.data();
  tf.dispose([total, outcomes]);
  outcomes.length = 0;
  const { active, members } = position;
  stopDiverged(members, active, sums, position.step);
  active.forEach((member, place) => {
    if (members[member].stopped) return;
    position.lossSums[member] += sums[place];
    position.correct[member] += sums[active.length + place];
  });
}

/** How a run proceeds, as plain data. */
export interface TrainingSpec {
  /** Decides the order of batches and, with the learner, dropout. */
  seed: number;
  /** Passes over the training examples, at the most. */
  epochs: number;
  /** Examples a step. */
  batchSize: number;
  /** Epochs without improvement after which a member stops. */
  patience: number;
  /** How weights follow gradients. */
  optimiser: OptimiserSpec;
  /** How the learning rate changes. */
  schedule: ScheduleSpec;
  /** Examples an epoch, where that isn't all of them: the next goes on with others. */
  examplesPerEpoch?: number;
  /** Moving average of the weights, to be judged and kept in their place. */
  averaging?: AveragingSpec;
  /**
   * Validation accuracy from which on fewer bytes are better than more of it: of scores with
   * `bytes` alone.
   */
  atLeast?: number;
}

/** Where a run stands, told now and then while it goes on. */
export interface TrainingProgress {
  /** Whether an epoch has just ended, or one is under way. */
  kind: "epoch" | "step";
  /** Epoch under way or just ended, from 1. */
  epoch: number;
  /** Epochs at the most. */
  epochs: number;
  /** Steps taken. */
  step: number;
  /** Steps in all, unless it stops early. */
  steps: number;
  /** Examples fed forward and back per second, since this process began the run. */
  examplesPerSecond: number;
  /** Seconds until the last epoch ends, at this rate. */
  secondsLeft: number;
  /**
   * Each member's mean loss and accuracy over the epoch so far; of its last epoch
   * where it has stopped, and NaN where it diverged before that ended.
   */
  training: Score[];
  /** Each member's scores after the epoch. */
  validation?: Score[];
}

/** What a run may be given beside its specification. */
export interface TrainingOptions {
  /** Called every few steps and after every epoch. */
  onProgress?: (progress: TrainingProgress) => void;
  /**
   * Told each member's curve that a checkpoint holds, before it is gone on from: whoever
   * was told of those epochs may have been killed before it had kept them.
   */
  onResume?: (members: MemberRecord[]) => void;
  /** Told in a sentence why a checkpoint is not gone on from. */
  onNote?: (note: string) => void;
  /** Saves where it stands, then stops, when this is aborted. */
  signal?: AbortSignal;
  /**
   * File that the run's state is saved to, and resumed from if it exists. A damaged one
   * is put aside, as PATH.damaged, and the run begins anew.
   */
  checkpoint?: string;
  /** Feeds batches forward and back, in other workers for example; here unless given. */
  differentiate?: Differentiate;
}

/** What a run has made. */
export interface TrainingResult {
  /** Each weight, every member's columns at its own best epoch. */
  weights: FloatArray[];
  /** Each member's curve. */
  members: MemberRecord[];
}

/**
 * Throws a `RangeError` unless a run can proceed by `spec`: epochs and patience are
 * integers ≥ 1, and schedule and averaging usable.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { BARS_TRAINING } from "../../tests/core/bars.ts";
 * import { checkTraining } from "./train.ts";
 *
 * assertThrows(() => checkTraining({ ...BARS_TRAINING, seed: 1, epochs: 0 }), RangeError, "epochs");
 * ```
 */
export function checkTraining(spec: TrainingSpec): void {
  const { epochs, patience, schedule, averaging } = spec;
  for (const [name, value] of Object.entries({ epochs, patience })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(
        `Cannot train: \`${name}\` must be an integer ≥ 1: current value is ${value}`,
      );
    }
  }
  checkSchedule(schedule);
  if (averaging) checkAveraging(averaging);
}

/** Steps between two reports: reading a number back costs a round trip. */
const REPORT_EVERY = 20;

/** Each member's scores of the epoch under way, or of its last if that has `ended`. */
function scoresAt(
  { members, lossSums, correct, seen }: TrainingPosition,
  ended: boolean,
): Pick<TrainingProgress, "training" | "validation"> {
  const unknown: Score = { loss: NaN, accuracy: NaN };
  return {
    training: members.map(({ epochs, stopped }, index) =>
      ended || stopped ? epochs.at(-1)?.training ?? unknown : {
        loss: lossSums[index] / seen,
        accuracy: correct[index] / seen,
      }
    ),
    validation: ended
      ? members.map(({ epochs }) => epochs.at(-1)?.validation ?? unknown)
      : undefined,
  };
}

/**
 * Trains `learner`: for every epoch, for every batch of it, forward, loss,
 * backward, update; after every epoch a validation, by which each member's best
 * weights are kept. Members that have stopped leave the learner at the epoch's
 * end, if it can be reduced and nothing else feeds it; one whose loss is no longer
 * finite stops too, and its record tells so.
 *
 * Equal learner and `spec` give equal results on one backend, and a run resumed
 * from its checkpoint gives what it would have given without the stop. Tensors
 * that it makes are freed.
 *
 * Throws a `RangeError` for an unusable specification, a `DivergenceError` where
 * no member's loss is finite any longer, an `Error` where the device has failed, and the
 * signal's reason when that is aborted.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars } from "../../tests/core/bars.ts";
 * import { selectBackend } from "../device/select_backend.ts";
 * import { teacherSpec } from "../models/teacher.ts";
 * import { imageLearner } from "./image_learner.ts";
 * import { train } from "./train.ts";
 *
 * await selectBackend("wasm");
 * const bars = makeBars();
 * const learner = imageLearner({
 *   spec: teacherSpec({ input: bars.shape, classes: bars.classes }),
 *   training: { examples: bars.train },
 *   validation: { examples: bars.validation },
 *   loss: { kind: "cross-entropy" },
 *   seed: 1,
 * });
 * const { members: [record] } = await train(learner, {
 *   seed: 1,
 *   epochs: 6,
 *   batchSize: 16,
 *   patience: 6,
 *   optimiser: { kind: "adam" },
 *   schedule: { kind: "constant", rate: 3e-3 },
 * });
 * assertEquals(record.epochs[record.bestEpoch - 1].validation.accuracy, 1);
 * ```
 */
export async function train(
  learner: Learner,
  spec: TrainingSpec,
  {
    onProgress,
    onResume,
    onNote,
    signal,
    checkpoint,
    differentiate,
  }: TrainingOptions = {},
): Promise<TrainingResult> {
  checkTraining(spec);
  if (learner.seed !== undefined && learner.seed !== spec.seed) {
    throw new RangeError(
      `Cannot train: the run must have its learner's seed, ${learner.seed}: current value is ${spec.seed}`,
    );
  }
  const { batchSize, epochs, averaging } = spec;
  const optimiser = makeOptimiser(spec.optimiser);
  const run = JSON.stringify({ spec, learner: learner.identity });
  let state = startState(learner, optimiser, { averages: !!averaging });
  let current = learner;
  const outcomes: tf.Tensor[] = [];
  try {
    const { owners } = learner;
    const saved = checkpoint &&
      await loadCheckpoint(checkpoint, { fresh: state, run, owners }, onNote);
    if (saved) {
      disposeState(state);
      state = saved;
      const { active, members } = saved.position;
      onResume?.(members);
      if (active.length < learner.members) {
        current = learner.keep?.(active) ?? learner;
      }
    }
    const { position } = state;
    const taken = spec.examplesPerEpoch ?? learner.count;
    const steps = epochs * Math.ceil(taken / batchSize);
    const began = { time: performance.now(), step: position.step };
    const report = (kind: "step" | "epoch") => {
      const ended = kind === "epoch";
      const seconds = (performance.now() - began.time) / 1000;
      const stepsPerSecond = (position.step - began.step) / seconds;
      onProgress?.({
        kind,
        epoch: ended ? position.epoch : position.epoch + 1,
        epochs,
        step: position.step,
        steps,
        examplesPerSecond: stepsPerSecond * batchSize,
        secondsLeft: (steps - position.step) / stepsPerSecond,
        ...scoresAt(position, ended),
      });
    };
    const catchUp = async () => {
      if (outcomes.length > 0) {
        await addOutcomes(state, outcomes);
      }
      await confirmDeviceHealthy();
      if (signal?.aborted) {
        if (checkpoint) await saveCheckpoint(checkpoint, state, run);
        throw signal.reason;
      }
    };

    const training = () => position.members.some((member) => !member.stopped);
    while (position.epoch < epochs && training()) {
      const batches = epochBatches({
        count: current.count,
        size: batchSize,
        seed: spec.seed,
        epoch: position.epoch,
        taken: spec.examplesPerEpoch,
      });
      const step = differentiate ?? differentiateHere(current);
      while (position.batch < batches.length) {
        const batch = batches[position.batch];
        const learningRate = learningRateAt(
          spec.schedule,
          position.step,
          steps,
        );
        outcomes.push(
          await takeStep(state, batch, {
            differentiate: step,
            optimiser,
            learningRate,
            averaging,
          }),
        );
        position.batch++;
        position.step++;
        position.seen += batch.length;
        if (position.batch % REPORT_EVERY === 0) {
          await catchUp();
          report("step");
        }
      }
      await catchUp();
      const validation = await current.validate(judgedWeights(state));
      const losses = validation.map(({ loss }) => loss);
      stopDiverged(position.members, position.active, losses, position.step);
      closeEpoch(state, current.owners, validation, spec);
      if (!differentiate) {
        current = await dropStopped(state, learner, current);
      }
      if (checkpoint) await saveCheckpoint(checkpoint, state, run);
      report("epoch");
    }
    const weights = await collectBest(state, learner);
    return { weights, members: position.members };
  } catch (error) {
    throw await explainDeviceFailure(error);
  } finally {
    tf.dispose(outcomes);
    disposeState(state);
  }
}
