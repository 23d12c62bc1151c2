import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { useWasm } from "../../../core/device/wasm.ts";
import { initialWeights } from "../../../core/models/initialise.ts";
import { imageLearner } from "../../../core/train/image_learner.ts";
import type { LossSpec } from "../../../core/train/losses/losses.ts";
import { toTensor } from "../../../core/train/training_state.ts";
import * as tf from "../../../core/tf.ts";
import { TINY_MODEL, tinyDigits, tinyLearner } from "./tiny_digits.ts";

await useWasm();

const batch = Uint32Array.of(3, 1, 4, 15);

async function lossesOf(loss: LossSpec, teacherLogits: boolean) {
  const examples = tinyDigits(0, 20);
  const part = {
    examples,
    teacherLogits: teacherLogits ? new Float32Array(200) : undefined,
  };
  const learner = imageLearner({
    spec: TINY_MODEL,
    training: part,
    validation: part,
    loss,
    seed: 1,
  });
  const weights = learner.initial.map(({ shape }) => tf.zeros(shape));
  const { losses } = learner.feed(weights, batch, 0);
  return [...await losses.data()];
}

Deno.test("imageLearner's loss at zero weights is log 10 by labels, 0 by zero logits", async () => {
  assertAlmostEquals(
    (await lossesOf({ kind: "cross-entropy" }, false))[0],
    Math.log(10),
    1e-5,
  );
  assertEquals(await lossesOf({ kind: "logit-mse" }, true), [0]);
});

Deno.test("imageLearner draws dropout and shifts by step, so that a step can be made again", async () => {
  const learner = tinyLearner();
  const weights = learner.initial.map(toTensor);
  const lossAt = async (step: number) =>
    (await learner.feed(weights, batch, step).losses.data())[0];
  assertEquals(await lossAt(5), await lossAt(5));
  assert(await lossAt(5) !== await lossAt(6));
});

Deno.test("imageLearner mirrors images where it is told to, and each step its own", async () => {
  const digits = tinyDigits(0, 8);
  const [, width] = digits.shape;
  const symmetric = digits.images.map((_, i) => {
    const column = i % width;
    return digits.images[i - column + Math.min(column, width - 1 - column)];
  });
  const layers = TINY_MODEL.layers.filter(({ kind }) => kind !== "dropout");
  const lossOf = async (images: Uint8Array, flip: boolean, step: number) => {
    const learner = imageLearner({
      spec: { ...TINY_MODEL, layers },
      training: { examples: { ...digits, images } },
      validation: { examples: digits },
      loss: { kind: "cross-entropy" },
      seed: 1,
      flip,
    });
    const weights = learner.initial.map(toTensor);
    const batch = Uint32Array.from({ length: 8 }, (_, i) => i);
    return (await learner.feed(weights, batch, step).losses.data())[0];
  };
  assertEquals(
    await lossOf(symmetric, true, 1),
    await lossOf(symmetric, false, 1),
  );
  const flipped = await lossOf(digits.images, true, 1);
  assertEquals(flipped, await lossOf(digits.images, true, 1));
  assert(flipped !== await lossOf(digits.images, false, 1));
  assert(flipped !== await lossOf(digits.images, true, 2));
});

Deno.test("imageLearner.validate is the mean over all examples, without dropout", async () => {
  const learner = imageLearner({
    spec: TINY_MODEL,
    training: { examples: tinyDigits(0, 8) },
    validation: { examples: tinyDigits(0, 300) }, // more than one batch
    loss: { kind: "cross-entropy" },
    seed: 1,
    shift: 2,
  });
  const weights = learner.initial.map(toTensor);
  const [score] = await learner.validate(weights);
  assertEquals(await learner.validate(weights), [score]);
  // The same 300 in one training batch of a model with its dropout removed.
  const layers = TINY_MODEL.layers.filter(({ kind }) => kind !== "dropout");
  const still = imageLearner({
    spec: { ...TINY_MODEL, layers },
    training: { examples: tinyDigits(0, 300) },
    validation: { examples: tinyDigits(0, 1) },
    loss: { kind: "cross-entropy" },
    seed: 1,
  });
  const all = Uint32Array.from({ length: 300 }, (_, index) => index);
  const { losses, correct } = still.feed(weights, all, 0);
  assertAlmostEquals(score.loss, (await losses.data())[0], 1e-5);
  assertAlmostEquals(score.accuracy, (await correct.data())[0] / 300, 1e-9);
});

Deno.test("imageLearner starts from the weights it is given, or from its seed's", () => {
  const drawn = initialWeights(TINY_MODEL, 1);
  assertEquals(tinyLearner(1).initial, drawn);
  const part = { examples: tinyDigits(0, 2) };
  const initial = initialWeights(TINY_MODEL, 9);
  const learner = imageLearner({
    spec: TINY_MODEL,
    training: part,
    validation: part,
    loss: { kind: "cross-entropy" },
    seed: 1,
    initial,
  });
  assertEquals(learner.initial, initial);
});

Deno.test("imageLearner refuses a loss out of range", () => {
  const part = { examples: tinyDigits(0, 2) };
  assertThrows(
    () =>
      imageLearner({
        spec: TINY_MODEL,
        training: part,
        validation: part,
        loss: { kind: "distillation", temperature: 0, alpha: 1 },
        seed: 1,
      }),
    RangeError,
    "temperature",
  );
});
