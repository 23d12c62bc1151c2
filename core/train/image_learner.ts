import { normalisePixels } from "../data/batches.ts";
import { hashValues } from "../data/dataset.ts";
import { shiftImages } from "../data/shift_images.ts";
import type { FloatArray } from "../files/safetensors.ts";
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
import type { Learner } from "./learner.ts";
import { checkLoss, lossPerExample, type LossSpec } from "./losses.ts";

/**
 * A learner of one model that reads images: the teacher, or a student whose
 * convolutions learn too.
 *
 * `initial` are the weights to begin with; drawn from `seed` unless given.
 * `shift` is how far, in pixels, training images are moved at random; 0 unless
 * given.
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
  { spec, training, validation, loss, seed, initial, shift = 0 }: {
    spec: ModelSpec;
    training: LabelledImages;
    validation: LabelledImages;
    loss: LossSpec;
    seed: number;
    initial?: FloatArray[];
    shift?: number;
  },
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
    feed: (current, batch, step) => {
      const pixels = normalisePixels(examples, batch);
      const moved = shift === 0 ? pixels : shiftImages(
        pixels,
        examples.shape,
        shift,
        randomStream(seed, "shift", step),
      );
      const x = tf.tensor(moved, [batch.length, ...examples.shape]);
      const logits = forward(spec.layers, current, x, { seed, step });
      const targets = batchTargets(training, batch, classes);
      const losses = lossPerExample(loss, logits, targets); // [batch]
      const hits = tf.equal(
        tf.argMax(logits, -1),
        tf.argMax(targets.labels, -1),
      );
      return {
        losses: tf.reshape(tf.mean(losses), [1]),
        correct: tf.reshape(tf.sum(tf.cast(hits, "float32")), [1]),
      };
    },
    validate: async (current) => {
      const { score } = await evaluateModel(spec, current, validation, loss);
      return [score];
    },
  };
}
