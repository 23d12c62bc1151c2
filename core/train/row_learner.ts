import { gatherImages } from "../data/batches.ts";
import type { FloatArray } from "../files/safetensors.ts";
import { hasKernel } from "../kernels/kernel.ts";
import { packTerms } from "../kernels/mixed_loss/op.ts";
import { readAtOnce } from "../kernels/read_at_once.ts";
import {
  rowGradient,
  rowGradientKernel,
  type Stage,
} from "../kernels/row_gradient/op.ts";
import { packWords } from "../kernels/unpack_pixels/op.ts";
import { classCount } from "../models/cost.ts";
import { isInteger } from "../models/integer.ts";
import { rowStages } from "../models/row_stages.ts";
import * as tf from "../tf.ts";
import {
  arePlain,
  type HeldRow,
  holdPlain,
} from "./constraints/constrain_values.ts";
import type { Constraint } from "./constraints/constraint.ts";
import { holdIntegers } from "./constraints/integer_values.ts";
import { differentiatePart } from "./differentiate.ts";
import { batchTargets } from "./evaluate_model.ts";
import { dampingAt, imageLearner, type ImageTask } from "./image_learner.ts";
import type { Gradients, Learner } from "./learner.ts";
import { lossTerms } from "./losses/losses.ts";

/** Numbers in arrays of `shapes`, one after another. */
function sizesOf(arrays: readonly { shape: number[] }[]): number[] {
  return arrays.map(({ shape }) => tf.util.sizeFromShape(shape));
}

/** A learner whose variables are one row of numbers. */
export interface RowLearner extends Learner {
  /** The arrays that `weights`, the row, stands for: `imageLearner`'s variables. */
  split(weights: FloatArray[]): FloatArray[];
}

/** `values` as arrays of the shapes of `like`, which follow one another in them. */
function splitArray(
  values: Float32Array,
  like: readonly { shape: number[] }[],
): FloatArray[] {
  let next = 0;
  return sizesOf(like).map((size, index) => ({
    shape: like[index].shape,
    values: values.slice(next, next += size),
  }));
}

/** All numbers of `arrays`, in their order. */
function joinArrays(arrays: readonly FloatArray[]): Float32Array<ArrayBuffer> {
  return Float32Array.from(arrays.flatMap(({ values }) => [...values]));
}

/** `row` as tensors of the shapes of `like`. */
function splitTensor(
  row: tf.Tensor,
  like: readonly { shape: number[] }[],
): tf.Tensor[] {
  return tf.split(row, sizesOf(like)).map((part, index) =>
    tf.reshape(part, like[index].shape)
  );
}

/** What a step in one pass is made of. */
interface RowStep {
  task: ImageTask;
  stages: Stage[];
  held: HeldRow;
  /** What white is to the stages: bytes are what models of integers read. */
  white: 1 | 255;
}

/** How the weights of `task` are held, whose variables have these `sizes`; undefined where that takes tfjs's operations. */
function holdRow(
  { spec, constraints: given }: ImageTask,
  sizes: readonly number[],
): HeldRow | undefined {
  if (given && isInteger(spec.layers)) return holdIntegers(spec, given, sizes);
  const constraints = given ?? sizes.map((): Constraint => ({ kind: "free" }));
  return arePlain(constraints) ? holdPlain(constraints, sizes) : undefined;
}

/** The gradient of `rows` of a batch of `size`, at `step`, in one pass over images and one over weights. */
function differentiateRow(
  { task, stages, held, white }: RowStep,
  variables: Float32Array,
  { rows, size, step }: {
    rows: Uint32Array<ArrayBuffer>;
    size: number;
    step: number;
  },
): Gradients {
  const { training, spec, loss, damping, ratePenalty = 0 } = task;
  const classes = classCount(spec);
  const share = rows.length / size;
  return tf.tidy(() => {
    const { labels, teacherLogits } = batchTargets(training, rows, classes);
    const made = rowGradient(
      stages,
      tf.tensor1d(held.values(variables)),
      {
        words: packWords(gatherImages(training.examples, rows)),
        labels,
        teacherLogits: teacherLogits ?? tf.zeros([rows.length, classes]),
        terms: packTerms([lossTerms(loss)]),
      },
      white,
    );
    const slopes = readAtOnce<"float32">(made.gradient);
    for (let i = 0; i < slopes.length; i++) slopes[i] /= size;
    const [losses, hits] = readAtOnce<"float32">(made.sums);
    const { gradient, penalty } = held.gradient(
      variables,
      slopes,
      {
        // Each part of a batch adds its share of both.
        pull: dampingAt(damping, step) * share,
        rate: ratePenalty * share,
      },
    );
    return {
      gradients: [tf.tensor1d(gradient)],
      outcome: tf.tensor2d([losses + penalty * size, hits], [2, 1]),
    };
  });
}

/**
 * The learner of `task`, all of whose variables are one row of numbers, `imageLearner`'s
 * one after another.
 *
 * For the few thousand weights of a compact model most of a step would go by in calls
 * of operations on small tensors: where the backend has a kernel for a whole row of
 * layers (`rowGradient`), and the model is such a row (`rowStages`), a step is that kernel, a pass
 * over weights in plain TypeScript, and an update of one tensor. Elsewhere it is
 * `imageLearner`'s.
 *
 * Throws what {@linkcode imageLearner} throws.
 */
export function rowLearner(task: ImageTask): RowLearner {
  const learner = imageLearner(task);
  const { initial } = learner;
  const sizes = sizesOf(initial);
  const row = joinArrays(initial);
  const split = ([row]: tf.Tensor[]) => splitTensor(row, initial);
  const stages = task.shift || task.flip ? undefined : rowStages(task.spec);
  const held = stages && holdRow(task, sizes);
  const white = isInteger(task.spec.layers) ? 255 : 1;
  const fused = held && { task, stages, held, white } as const;
  return {
    ...learner,
    identity: JSON.stringify(["row", learner.identity]),
    initial: [{ shape: [row.length], values: row }],
    owners: [new Int32Array(row.length)],
    split: ([{ values }]) => splitArray(values, initial),
    feed: (weights, ...batch) => learner.feed(split(weights), ...batch),
    differentiate(weights, batch, step, part) {
      if (fused && hasKernel(rowGradientKernel)) {
        const { first, count } = part ?? { first: 0, count: batch.length };
        const variables = readAtOnce<"float32">(weights[0]);
        return differentiateRow(fused, variables, {
          rows: batch.subarray(first, first + count),
          size: batch.length,
          step,
        });
      }
      return tf.tidy(() => {
        const { gradients, outcome } = differentiatePart(
          learner,
          split(weights),
          batch,
          step,
          part,
        );
        const flat = gradients.map((each) => each.flatten());
        return { gradients: [tf.concat(flat)], outcome };
      });
    },
    async validate(weights) {
      const parts = tf.tidy(() => split(weights));
      try {
        return await learner.validate(parts);
      } finally {
        tf.dispose(parts);
      }
    },
  };
}
