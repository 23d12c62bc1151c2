import {
  consecutiveBatches,
  gatherImages,
  gatherLabels,
} from "../data/batches.ts";
import { type Examples, type Labels, makeLabels } from "../data/dataset.ts";
import { confirmDeviceHealthy } from "../device/health.ts";
import { unpackPixels } from "../kernels/unpack_pixels/op.ts";
import { classCount } from "../models/cost.ts";
import { forward } from "../models/forward.ts";
import type { ModelSpec } from "../models/spec.ts";
import { cleanText } from "../text/clean_text.ts";
import * as tf from "../tf.ts";
import { exampleLosses, type ExampleTargets } from "./losses/example_losses.ts";
import type { Score } from "./learner.ts";
import type { LossSpec } from "./losses/losses.ts";

/** Labelled images, with the teacher's logits where the loss needs them. */
export interface LabelledImages {
  /** Images and classes. */
  examples: Examples;
  /** The teacher's logits of each, `[count, classes]`. */
  teacherLogits?: Float32Array;
  /** What tells them from others, where that is known without reading them. */
  identity?: string;
}

/** A model's score, with the class that it predicts for each image. */
export interface Assessment {
  /** Mean loss and accuracy. */
  score: Score;
  /** Class of the largest logit for each image, `[count]`. */
  predictions: Labels;
}

const BATCH = 250;

/**
 * The rows of `matrix`, `[count, width]`, at `indices`:
 * `[indices.length, width]`, row-major.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gatherRows } from "./evaluate_model.ts";
 *
 * const matrix = Float32Array.of(1, 2, 3, 4);
 * assertEquals(gatherRows(matrix, 2, [1]), Float32Array.of(3, 4));
 * ```
 */
export function gatherRows(
  matrix: Float32Array,
  width: number,
  indices: ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(indices.length * width);
  for (let row = 0; row < indices.length; row++) {
    const start = indices[row] * width;
    rows.set(matrix.subarray(start, start + width), row * width);
  }
  return rows;
}

/** What a loss compares a batch of `images` with. */
export function batchTargets(
  { examples, teacherLogits }: LabelledImages,
  batch: Uint32Array<ArrayBuffer>,
  classes: number,
): ExampleTargets {
  const labels = gatherLabels(examples.labels, batch, classes);
  const shape: [number, number] = [batch.length, classes];
  return {
    labels: tf.tensor1d(labels, "int32"),
    teacherLogits: teacherLogits &&
      tf.tensor2d(gatherRows(teacherLogits, classes, batch), shape),
  };
}

/** Why `score`, of the model called `name`, is none; `undefined` where it is one. */
export function findScoreFault(
  { loss }: Score,
  name: string,
): string | undefined {
  if (Number.isFinite(loss)) return undefined;
  return `Cannot evaluate ${
    cleanText(name)
  }: its loss and logits must be finite for every image: the mean loss is ${loss}; its weights are too large or not finite: train it anew, at a lower learning rate`;
}

/**
 * What {@linkcode evaluateModel} computes, finite or not: training, which has its
 * own end for a member that diverges, asks for it.
 */
export async function assessModel(
  spec: ModelSpec,
  weights: tf.Tensor[],
  images: LabelledImages,
  loss: LossSpec,
): Promise<Assessment> {
  const { examples } = images;
  const { count } = examples;
  const classes = classCount(spec);
  const score: Score = { loss: 0, accuracy: 0 };
  const predictions = makeLabels(count, classes);
  for (const batch of consecutiveBatches(count, BATCH)) {
    const [lossSum, predicted] = tf.tidy(() => {
      const pixels = gatherImages(examples, batch);
      const x = unpackPixels(pixels, [batch.length, ...examples.shape]);
      const logits = forward(spec.layers, weights, x); // [batch, classes]
      const targets = batchTargets(images, batch, classes);
      return [
        // 0 · logit is 0, and NaN for a logit that isn't finite: it shows in the loss.
        tf.add(
          tf.sum(exampleLosses(loss, logits, targets)),
          tf.sum(tf.mul(logits, 0)),
        ),
        tf.argMax(logits, -1),
      ];
    });
    score.loss += (await lossSum.data())[0] / count;
    predictions.set(await predicted.data(), batch[0]);
    tf.dispose([lossSum, predicted]);
  }
  await confirmDeviceHealthy();
  let hits = 0;
  for (let image = 0; image < count; image++) {
    hits += Number(predictions[image] === examples.labels[image]);
  }
  score.accuracy = hits / count;
  return { score, predictions };
}

/**
 * (1/n) Σᵢ lossᵢ, the share of images whose largest logit is that of their class,
 * and the predicted classes `[n]`, of all of `images`, without dropout.
 *
 * `loss` is cross-entropy, in nats, unless given. `weights`, of the shapes that
 * {@linkcode weightShapes} tells, stay the caller's; memory is bounded by a
 * batch of 250.
 *
 * On the current backend. Throws a `TypeError` where the loss needs the
 * teacher's logits and there are none, and a `RangeError` for a label that is no
 * class of the model, or where the loss or a logit isn't finite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../tests/core/bars.ts";
 * import { evaluateModel } from "./evaluate_model.ts";
 * import * as tf from "../tf.ts";
 *
 * const { spec, weights } = await makeBarsTeacher(); // on Wasm
 * const tensors = weights.map(({ shape, values }) => tf.tensor(values, shape));
 * const { score } = await evaluateModel(spec, tensors, { examples: makeBars().test });
 * assertEquals(score.accuracy, 1);
 * ```
 */
export async function evaluateModel(
  spec: ModelSpec,
  weights: tf.Tensor[],
  images: LabelledImages,
  loss: LossSpec = { kind: "cross-entropy" },
): Promise<Assessment> {
  const assessment = await assessModel(spec, weights, images, loss);
  const fault = findScoreFault(assessment.score, spec.name);
  if (fault) throw new RangeError(fault);
  return assessment;
}
