import { gatherImages } from "../data/batches.ts";
import { hashValues } from "../data/dataset.ts";
import { drawShifts, shiftImages } from "../data/shift_images.ts";
import type { FloatArray } from "../files/safetensors.ts";
import { unpackPixels } from "../kernels/ops/unpack_pixels.ts";
import { classCount } from "../models/cost.ts";
import { forward } from "../models/forward.ts";
import { initialWeights } from "../models/initialise.ts";
import type { ModelSpec } from "../models/spec.ts";
import { randomStream } from "../random/stream.ts";
import * as tf from "../tf.ts";
import {
  batchTargets,
  evaluateModel,
  type LabelledImages,
} from "./evaluate_model.ts";
import { exampleLosses } from "./example_losses.ts";
import type { Learner } from "./learner.ts";
import { checkLoss, type LossSpec } from "./losses.ts";

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
  /** Decides first weights, dropout and shifts. */
  seed: number;
  /** Weights to begin with; drawn from `seed` unless given. */
  initial?: FloatArray[];
  /** How far, in pixels, training images are moved at random; 0 unless given. */
  shift?: number;
}

/**
 * A learner of one model that reads images: the teacher, or a student whose
 * convolutions learn too.
 *
 * Throws a `RangeError` where the loss or the spec is unusable.
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
  { spec, training, validation, loss, seed, initial, shift = 0 }: ImageTask,
): Learner {
  checkLoss(loss);
  const { examples } = training;
  const classes = classCount(spec);
  const weights = initial ?? initialWeights(spec, seed);
  return {
    identity: JSON.stringify([
      spec,
      loss,
      shift,
      hashValues(examples.images),
      hashValues(examples.labels),
      hashValues(validation.examples.labels),
      weights.map(({ values }) => hashValues(values)),
      training.teacherLogits && hashValues(training.teacherLogits),
    ]),
    members: 1,
    initial: weights,
    owners: weights.map(({ shape }) => new Int32Array(shape.at(-1) ?? 1)),
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
      const x = unpackPixels(moved, [count, ...examples.shape]);
      const dropout = { seed, step, firstRow: first };
      const logits = forward(spec.layers, current, x, dropout);
      const targets = batchTargets(training, rows, classes);
      const losses = exampleLosses(loss, logits, targets); // [count]
      const hits = tf.equal(tf.argMax(logits, -1), targets.labels);
      return {
        losses: tf.reshape(tf.div(tf.sum(losses), batch.length), [1]),
        correct: tf.reshape(tf.sum(tf.cast(hits, "float32")), [1]),
      };
    },
    validate: async (current) => {
      const { score } = await evaluateModel(spec, current, validation, loss);
      return [score];
    },
  };
}
