import { type Examples, selectExamples } from "../../../core/data/dataset.ts";
import { loadMnist } from "../../../core/data/mnist.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import { imageLearner } from "../../../core/train/image_learner.ts";
import type { Learner } from "../../../core/train/learner.ts";

const mnist = await loadMnist();

/** Every second pixel each way of `count` MNIST digits, from the one at `from`. */
export function tinyDigits(from: number, count: number): Examples<Uint8Array> {
  const indices = Array.from({ length: count }, (_, index) => from + index);
  const { images, labels } = selectExamples(mnist.train, indices);
  const small = new Uint8Array(count * 196);
  for (let i = 0; i < small.length; i++) {
    const row = Math.floor(i / 14);
    small[i] = images[row * 2 * 28 + (i % 14) * 2];
  }
  return { count, shape: [14, 14, 1], images: small, labels };
}

/** A convolution, a pool, dropout and a dense layer: all that our models use. */
export const TINY_MODEL: ModelSpec = {
  name: "tiny",
  input: [14, 14, 1],
  layers: [
    { kind: "conv2d", name: "conv", filters: 8, size: 3, activation: "relu" },
    { kind: "maxPool2d", name: "pool", size: 2 },
    { kind: "dropout", name: "dropout", rate: 0.25 },
    { kind: "flatten", name: "flatten" },
    { kind: "dense", name: "logits", units: 10, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  ],
};

/** A learner of the tiny model on 400 tiny digits, chosen by 100 others. */
export function tinyLearner(seed = 1): Learner {
  return imageLearner({
    spec: TINY_MODEL,
    training: { examples: tinyDigits(0, 400) },
    validation: { examples: tinyDigits(400, 100) },
    loss: { kind: "cross-entropy" },
    seed,
    shift: 1,
  });
}
