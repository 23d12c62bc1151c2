import { gatherImages } from "../data/batches.ts";
import { hashImages, hashValues } from "../data/dataset.ts";
import { drawFlips, flipImages } from "../data/flip_images.ts";
import { drawShifts, shiftImages } from "../data/shift_images.ts";
import type { FloatArray } from "../files/safetensors.ts";
import { unpackPixels } from "../kernels/unpack_pixels/op.ts";
import { classCount, weightShapes } from "../models/cost.ts";
import { forward } from "../models/forward.ts";
import { initialWeights } from "../models/initialise.ts";
import { isInteger, logitShift } from "../models/integer.ts";
import type { ModelSpec } from "../models/spec.ts";
import { randomStream } from "../random/stream.ts";
import * as tf from "../tf.ts";
import { applyConstraints } from "./constraints/apply_constraints.ts";
import type { Constraint } from "./constraints/constraint.ts";
import {
  applyIntegers,
  readIntegers,
  startIntegers,
} from "./constraints/integers.ts";
import { measureRate } from "./constraints/measure_rate.ts";
import { startVariables } from "./constraints/start_variables.ts";
import {
  assessModel,
  batchTargets,
  type LabelledImages,
} from "./evaluate_model.ts";
import { exampleLosses } from "./losses/example_losses.ts";
import type { Learner } from "./learner.ts";
import { checkLoss, type LossSpec } from "./losses/losses.ts";

/** What a model that reads images learns, and from what, as plain data. */
export interface ImageTask {
  /** Layers of the model. */
  spec: ModelSpec;
  /** Images that it learns from. */
  training: LabelledImages;
  /** Images that choose the epoch. */
  validation: LabelledImages;
  /** What is minimised. */
  loss: LossSpec;
  /** Decides first weights, dropout, shifts and what is mirrored. */
  seed: number;
  /** Weights to begin with; drawn from `seed` unless given. */
  initial?: FloatArray[];
  /** What each weight is held to; free unless given. What is trained then stands for them. */
  constraints?: Constraint[];
  /** Weight of {@linkcode measureRate} in the loss; 0 unless given. */
  ratePenalty?: number;
  /**
   * How quantised weights are drawn to their levels, lest they waver between two: at
   * step t by λ·(1 − cos(π·t/T))/2, with λ = `most` and T = `steps`.
   */
  damping?: { most: number; steps: number };
  /** How far, in pixels, training images are moved at random; 0 unless given. */
  shift?: number;
  /** Whether training images are mirrored at random, one in two; none unless given. */
  flip?: boolean;
}

function checkRate(name: string, rate: number): void {
  if (rate >= 0 && Number.isFinite(rate)) return;
  throw new RangeError(
    `Cannot train: \`${name}\` must be ≥ 0: current value is ${rate}`,
  );
}

/** How strongly weights are drawn to their levels at `step`; 0 without `damping`. */
export function dampingAt(damping: ImageTask["damping"], step: number): number {
  if (!damping) return 0;
  return damping.most * (1 - Math.cos(Math.PI * step / damping.steps)) / 2;
}

/** Tells images and what is known of them from others. */
function identifyImages(
  { identity, examples, teacherLogits }: LabelledImages,
): unknown {
  return identity ?? [
    hashImages(examples),
    hashValues(examples.labels),
    teacherLogits && hashValues(teacherLogits),
  ];
}

/** The constraint as JSON may hold it: a hash in place of each array. */
function identifyConstraint(constraint: Constraint): unknown {
  return Object.entries(constraint).map(([key, value]) => [
    key,
    value instanceof Uint8Array ? hashValues(value) : value,
  ]);
}

/** What a model computes with, from what is trained. */
interface HeldWeights {
  /** Its weights. */
  weights: tf.Tensor[];
  /** What multiplies its logits in the loss; absent where that is 1. */
  scale?: tf.Tensor;
  /** The penalty of its size, where it has one. */
  rate?: () => tf.Scalar;
}

/** How weights are held: what is trained in their place, and what is made of that. */
interface WeightHolding {
  /** What is trained, before the first step. */
  variables: FloatArray[];
  /** What is fed forward, with gradients. */
  weightsOf(current: tf.Tensor[], pull: number): HeldWeights;
  /** What is judged. */
  read(
    current: tf.Tensor[],
  ): Promise<{ spec: ModelSpec; weights: tf.Tensor[] }>;
}

/** How `weights` of `spec` are held to `constraints`, in a model of integers or another. */
function holdWeights(
  spec: ModelSpec,
  weights: FloatArray[],
  constraints: Constraint[] | undefined,
): WeightHolding {
  if (constraints && isInteger(spec.layers)) {
    const shift = logitShift(spec);
    return {
      variables: startIntegers(spec, constraints, weights),
      weightsOf(current, pull) {
        const applied = applyIntegers(spec, constraints, current, pull);
        // Real logits are sums times their unit: a file has the nearest power of two.
        const scale = tf.mul(applied.unit, 2 ** shift);
        return { weights: applied.weights, scale, rate: () => applied.rate };
      },
      read: (current) => readIntegers(spec, constraints, current),
    };
  }
  const shapes = weightShapes(spec);
  const weightsOf = (current: tf.Tensor[], pull: number): HeldWeights =>
    constraints
      ? {
        weights: applyConstraints(constraints, shapes, current, pull),
        rate: () => measureRate(constraints, current),
      }
      : { weights: current };
  return {
    variables: constraints ? startVariables(weights, constraints) : weights,
    weightsOf,
    read: (current) =>
      Promise.resolve({
        spec,
        weights: tf.tidy(() =>
          weightsOf(current, 0).weights.map((each) => tf.clone(each))
        ),
      }),
  };
}

/**
 * A learner of one model that reads images: the teacher, or a student whose
 * convolutions learn too.
 *
 * Where there are constraints, its weights, in the learner's sense, are the numbers that
 * {@linkcode startVariables} lists, and what is fed forward and judged is what
 * {@linkcode applyConstraints} makes of them; of a model of integers, those of
 * {@linkcode startIntegers} and {@linkcode applyIntegers}.
 *
 * Throws a `RangeError` where the loss, the spec or a constraint is unusable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars } from "../../tests/core/bars.ts";
 * import { teacherSpec } from "../models/teacher.ts";
 * import { imageLearner } from "./image_learner.ts";
 *
 * const { train, validation, shape, classes } = makeBars();
 * const learner = imageLearner({
 *   spec: teacherSpec({ input: shape, classes }),
 *   training: { examples: train },
 *   validation: { examples: validation },
 *   loss: { kind: "cross-entropy" },
 *   seed: 1,
 * });
 * assertEquals([learner.members, learner.count], [1, 96]);
 * ```
 */
export function imageLearner(
  {
    spec,
    training,
    validation,
    loss,
    seed,
    initial,
    constraints,
    ratePenalty: rate = 0,
    damping,
    shift = 0,
    flip = false,
  }: ImageTask,
): Learner {
  checkLoss(loss);
  checkRate("ratePenalty", rate);
  checkRate("damping", damping?.most ?? 0);
  const { examples } = training;
  const classes = classCount(spec);
  const weights = initial ?? initialWeights(spec, seed);
  const { variables, weightsOf, read } = holdWeights(
    spec,
    weights,
    constraints,
  );
  return {
    identity: JSON.stringify([
      spec,
      loss,
      shift,
      identifyImages(training),
      hashValues(validation.examples.labels),
      variables.map(({ values }) => hashValues(values)),
      constraints?.map(identifyConstraint),
      rate,
      damping,
      ...(flip ? ["flip"] : []),
    ]),
    members: 1,
    initial: variables,
    owners: variables.map(({ shape }) => new Int32Array(shape.at(-1) ?? 1)),
    count: examples.count,
    feed: (current, batch, step, part) => {
      const { first, count } = part ?? { first: 0, count: batch.length };
      const rows = batch.subarray(first, first + count);
      const pixels = gatherImages(examples, rows);
      const moved = shift === 0 ? pixels : shiftImages(
        pixels,
        examples.shape,
        drawShifts(batch.length, shift, randomStream(seed, "shift", step))
          .slice(first, first + count),
      );
      const seen = !flip ? moved : flipImages(
        moved,
        examples.shape,
        drawFlips(batch.length, randomStream(seed, "flip", step))
          .slice(first, first + count),
      );
      const x = unpackPixels(seen, [count, ...examples.shape]);
      const dropout = { seed, step, firstRow: first };
      // Each part of a batch adds its share of the pull, as of the penalty below.
      const pull = dampingAt(damping, step) * count / batch.length;
      const { weights, scale, rate: bits } = weightsOf(current, pull);
      const given = forward(spec.layers, weights, x, dropout);
      const logits = scale ? tf.mul(given, scale) : given;
      const targets = batchTargets(training, rows, classes);
      const losses = exampleLosses(loss, logits, targets); // [count]
      const hits = tf.equal(tf.argMax(logits, -1), targets.labels);
      const mean = tf.div(tf.sum(losses), batch.length);
      // Each part of a batch adds its share of the penalty.
      const total = bits && rate > 0
        ? tf.add(mean, tf.mul(bits(), rate * count / batch.length))
        : mean;
      return {
        losses: tf.reshape(total, [1]),
        correct: tf.reshape(tf.sum(tf.cast(hits, "float32")), [1]),
      };
    },
    validate: async (current) => {
      const used = await read(current);
      const { score } = await assessModel(
        used.spec,
        used.weights,
        validation,
        loss,
      );
      tf.dispose(used.weights);
      return [score];
    },
  };
}
