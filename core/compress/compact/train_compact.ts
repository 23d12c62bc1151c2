import type { FloatArray } from "../../files/safetensors.ts";
import type { EncodedModel } from "../../infer/encoded_tensor.ts";
import { weightShapes } from "../../models/cost.ts";
import { initialWeights } from "../../models/initialise.ts";
import { isInteger } from "../../models/integer.ts";
import { type ModelSpec, withoutDropout } from "../../models/spec.ts";
import type { Constraint } from "../../train/constraints/constraint.ts";
import { encodeIntegers } from "../../train/constraints/integers.ts";
import { encodeWeights } from "../../train/constraints/encode_weights.ts";
import type { LabelledImages } from "../../train/evaluate_model.ts";
import { type RowLearner, rowLearner } from "../../train/row_learner.ts";
import type { Score } from "../../train/learner.ts";
import { ensureSelfTest } from "../../train/self_test.ts";
import {
  train,
  type TrainingProgress,
  type TrainingSpec,
} from "../../train/train.ts";
import {
  type EpochRecord,
  type MemberRecord,
  toArray,
  toTensor,
} from "../../train/training_state.ts";
import * as tf from "../../tf.ts";
import type { CompactConfiguration } from "./compact_configuration.ts";
import { arrangeChannels } from "../code/arrange_channels.ts";
import { checkWritable, encodeDram } from "../code/encode_dram.ts";
import { checkRoundable, findShifts } from "./find_shifts.ts";
import { balanceWeights } from "./balance_weights.ts";
import { scoreEncoded } from "./score_encoded.ts";
import { weightConstraints } from "./weight_constraints.ts";

/** What a compact model is trained from, as plain data. */
export interface CompactTask {
  /** Its layers. */
  spec: ModelSpec;
  /** What the classes are called. */
  labels: string[];
  /** Images that it learns from, with the teacher's logits where the loss needs them. */
  pool: LabelledImages;
  /** Images that choose the epoch, with logits likewise. */
  validation: LabelledImages;
  /** How it is trained. */
  configuration: CompactConfiguration;
  /** Weights to begin with; drawn from the seed unless given. */
  initial?: FloatArray[];
  /** Of each weight, 1 where it stays and 0 where it is pruned, in both phases. */
  masks?: (Uint8Array<ArrayBuffer> | undefined)[];
}

/** The parts of a compact model's training. */
export type CompactPhase = "float" | "quantised";

/** Where it stands. */
export interface CompactProgress extends TrainingProgress {
  /** Which part is under way, or has just ended. */
  phase: CompactPhase;
}

/** What the checkpoint of one part holds. */
export interface CompactResumed {
  /** Which part. */
  phase: CompactPhase;
  /** Its epochs, counted over both parts. */
  epochs: EpochRecord[];
}

/** What the training may be given. */
export interface CompactTrainingOptions {
  /** Called every few steps and after every epoch; epochs are counted over both parts. */
  onProgress?: (progress: CompactProgress) => void;
  /** Told the epochs of a checkpoint before it is gone on from, as `train` tells them. */
  onResume?: (resumed: CompactResumed) => void;
  /** Told in a sentence why a checkpoint is not gone on from. */
  onNote?: (note: string) => void;
  /** Saves where it stands, then stops, when this is aborted. */
  signal?: AbortSignal;
  /** File of its state: gone on from if it exists. A second one lies beside it. */
  checkpoint?: string;
  /**
   * File of the first part's state, which another training with the same first part may
   * begin from; beside `checkpoint` unless given.
   */
  floatCheckpoint?: string;
}

/** A compact model as trained. */
export interface TrainedCompact {
  /** What its file holds, its channels arranged. */
  encoded: EncodedModel;
  /** Weights at the best epoch of the first part, without constraints but masks. */
  float: FloatArray[];
  /** The curve of each part. */
  records: Record<CompactPhase, MemberRecord>;
  /** Of `encoded`, on the validation images, by cross-entropy. */
  validation: Score;
}

/** Steps over which the learning rate climbs at the start. */
const WARMUP = 200;

/** Steps between two updates of the average: each costs as much as a small layer. */
const AVERAGE_EVERY = 5;

/** Adam's usual 0.999 remembers more steps than the learning rate stays the same for. */
const BETA2 = 0.99;

/** What weights of the first part are held to: nothing but masks. */
const FREE_BITS = { kernel: 32, bias: 32 };

/** The file of the first part's state beside that of the second. */
export function floatCheckpointOf(checkpoint: string): string {
  return `${checkpoint}.float`;
}

/** Steps of one part. */
function countSteps(
  { epochs, examplesPerEpoch, batchSize }: CompactConfiguration,
  phase: CompactPhase,
): number {
  return epochs[phase] * Math.ceil(examplesPerEpoch / batchSize);
}

/** How one part of a training proceeds. */
export function trainingSpec(
  configuration: CompactConfiguration,
  phase: CompactPhase,
): TrainingSpec {
  const { seed, batchSize, examplesPerEpoch, averaging, atLeast } =
    configuration;
  const epochs = configuration.epochs[phase];
  return {
    // Or the second part would see the first one's batches again.
    seed: phase === "float" ? seed : seed + 2 ** 32,
    epochs,
    batchSize,
    examplesPerEpoch,
    patience: epochs,
    optimiser: { kind: "adam", beta2: BETA2 },
    schedule: {
      kind: "cosine",
      rate: configuration.rates[phase],
      warmup: phase === "float" ? WARMUP : 0,
    },
    // Of weights that waver between two levels the average lies at the boundary, and
    // would be rounded to another model than the one that was trained.
    averaging: phase === "float"
      ? { decay: averaging, every: AVERAGE_EVERY }
      : undefined,
    ...phase === "quantised" && atLeast !== undefined && { atLeast },
  };
}

/** The learner of one part of `task`, from `initial` weights if given. */
export function compactLearner(
  { spec, pool, validation, configuration, masks = [] }: CompactTask,
  phase: CompactPhase,
  initial?: FloatArray[],
): RowLearner {
  const { loss, seed, ratePenalty, damping } = configuration;
  const images = {
    spec,
    training: pool,
    validation,
    loss,
    seed,
    initial,
  };
  if (phase === "float") {
    const free = {
      ...configuration,
      bits: FREE_BITS,
      layerBits: {},
      integers: undefined,
    };
    const constraints = weightConstraints(spec, free, masks);
    return rowLearner({ ...images, constraints });
  }
  return rowLearner({
    ...images,
    constraints: weightConstraints(spec, configuration, masks),
    ratePenalty,
    damping: { most: damping, steps: countSteps(configuration, phase) },
  });
}

/** Epochs of both parts before the first of `phase`. */
function epochBefore(
  { epochs }: CompactConfiguration,
  phase: CompactPhase,
): number {
  return phase === "float" ? 0 : epochs.float;
}

/** The progress of one part as that of both together. */
function overBoth(
  configuration: CompactConfiguration,
  phase: CompactPhase,
  progress: TrainingProgress,
): CompactProgress {
  const { epochs, batchSize } = configuration;
  const floatSteps = countSteps(configuration, "float");
  const quantisedSteps = countSteps(configuration, "quantised");
  const first = phase === "float";
  const secondsAStep = batchSize / progress.examplesPerSecond;
  return {
    ...progress,
    phase,
    epoch: epochBefore(configuration, phase) + progress.epoch,
    epochs: epochs.float + epochs.quantised,
    step: progress.step + (first ? 0 : floatSteps),
    steps: floatSteps + quantisedSteps,
    secondsLeft: progress.secondsLeft +
      (first ? quantisedSteps * secondsAStep : 0),
  };
}

/** What a file holds of `variables` of the second part, but labels and the order of channels. */
async function encodeHeld(
  spec: ModelSpec,
  constraints: Constraint[],
  variables: FloatArray[],
): Promise<Pick<EncodedModel, "spec" | "tensors">> {
  if (!isInteger(spec.layers)) {
    return {
      spec: withoutDropout(spec),
      tensors: encodeWeights(constraints, weightShapes(spec), variables),
    };
  }
  const tensors = variables.map(toTensor);
  const encoded = await encodeIntegers(spec, constraints, tensors);
  tf.dispose(tensors);
  return { ...encoded, spec: withoutDropout(encoded.spec) };
}

/** `learner` of the second part, each of whose scores tells its file's bytes, channels as they are. */
function withBytes(
  learner: RowLearner,
  spec: ModelSpec,
  { labels, constraints }: { labels: string[]; constraints: Constraint[] },
): RowLearner {
  return {
    ...learner,
    async validate(weights) {
      const scores = await learner.validate(weights);
      const variables = learner.split(await Promise.all(weights.map(toArray)));
      const held = await encodeHeld(spec, constraints, variables);
      const bytes = encodeDram({ labels, ...held }).length;
      return scores.map((score) => ({ ...score, bytes }));
    },
  };
}

/**
 * Trains a compact model in two parts: free float32 weights first; then, from the
 * best of those, weights held to their bits (`weightConstraints`), with gradients
 * that pass the rounding. In both the learning rate falls as a cosine. What is judged,
 * chosen on validation and kept is a moving average of the weights in the first, and
 * the weights themselves, held to their bits, in the second; with `atLeast` in the
 * configuration those of the smallest file that is as accurate.
 *
 * With `integers` in the configuration the second part trains a model of integers, begun from
 * the float weights with shifts that images of the pool choose (`findShifts`): what is fed
 * forward, judged and kept is what a file gives, to the bit.
 *
 * The channels of what comes out stand in an order that takes few bytes
 * (`arrangeChannels`).
 *
 * One model on one thread of the current backend; equal task, equal result, also when
 * it is resumed. Throws what {@linkcode train} throws, and a `RangeError` where
 * the configuration is unusable.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { makeBars } from "../../../tests/core/bars.ts";
 * import { useWasm } from "../../device/wasm.ts";
 * import { parseLayers } from "../../models/parse_layers.ts";
 * import { COMPACT_CONFIGURATION } from "./compact_configuration.ts";
 * import { trainCompact } from "./train_compact.ts";
 *
 * await useWasm();
 * const { train, validation, shape, classes } = makeBars();
 * const trained = await trainCompact({
 *   spec: parseLayers("conv5x24,max2", { input: shape, classes }),
 *   labels: ["stands", "lies", "leans"],
 *   pool: { examples: train },
 *   validation: { examples: validation },
 *   configuration: {
 *     ...COMPACT_CONFIGURATION,
 *     loss: { kind: "cross-entropy" },
 *     epochs: { float: 12, quantised: 3 },
 *     examplesPerEpoch: 96,
 *     batchSize: 16,
 *     averaging: 0.5,
 *   },
 * });
 * assert(trained.validation.accuracy > 0.9);
 * ```
 */
export async function trainCompact(
  task: CompactTask,
  {
    onProgress,
    onResume,
    onNote,
    signal,
    checkpoint,
    floatCheckpoint = checkpoint && floatCheckpointOf(checkpoint),
  }: CompactTrainingOptions = {},
): Promise<TrainedCompact> {
  await ensureSelfTest();
  const { spec, labels, pool, validation, configuration, masks = [] } = task;
  const { integers, perChannel } = configuration;
  // Before any work is done: throws where it is too large, bits or layers' names are wrong.
  checkWritable(spec);
  const constraints = weightConstraints(spec, configuration, masks);
  if (integers) checkRoundable(spec, integers);
  const tell = (phase: CompactPhase) => (progress: TrainingProgress) =>
    onProgress?.(overBoth(configuration, phase, progress));
  const tellResumed = (phase: CompactPhase) => ([{ epochs }]: MemberRecord[]) =>
    onResume?.({
      phase,
      epochs: epochs.map((each) => ({
        ...each,
        epoch: epochBefore(configuration, phase) + each.epoch,
      })),
    });
  const drawn = configuration.balanced && !task.initial
    ? initialWeights(spec, configuration.seed)
    : undefined;
  const first = compactLearner(
    task,
    "float",
    drawn ? await balanceWeights(spec, drawn, pool.examples) : task.initial,
  );
  const float = await train(
    first,
    trainingSpec(configuration, "float"),
    {
      signal,
      onNote,
      checkpoint: floatCheckpoint,
      onProgress: tell("float"),
      onResume: tellResumed("float"),
    },
  );
  const freeWeights = first.split(float.weights);
  const held = integers
    ? await findShifts(spec, freeWeights, pool.examples, {
      constraints,
      bits: integers.activationBits,
      perChannel,
    })
    : spec;
  const learner = compactLearner(
    { ...task, spec: held },
    "quantised",
    freeWeights,
  );
  const second = configuration.atLeast === undefined
    ? learner
    : withBytes(learner, held, { labels, constraints });
  const quantised = await train(
    second,
    trainingSpec(configuration, "quantised"),
    {
      signal,
      onNote,
      checkpoint,
      onProgress: tell("quantised"),
      onResume: tellResumed("quantised"),
    },
  );
  const encoded = arrangeChannels({
    labels,
    ...await encodeHeld(held, constraints, second.split(quantised.weights)),
  });
  return {
    encoded,
    float: freeWeights,
    records: { float: float.members[0], quantised: quantised.members[0] },
    validation: await scoreEncoded(encoded, validation),
  };
}
