import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
} from "@std/assert";
import { useWasm } from "../../../core/device/wasm.ts";
import {
  evaluateModel,
  gatherRows,
} from "../../../core/train/evaluate_model.ts";
import { weightShapes } from "../../../core/models/cost.ts";
import * as tf from "../../../core/tf.ts";
import { TINY_MODEL, tinyDigits } from "./tiny_digits.ts";

await useWasm();

/** The tiny model with all weights 0 but the bias of class 3. */
function alwaysThree(): tf.Tensor[] {
  const weights = weightShapes(TINY_MODEL).map((shape) => tf.zeros(shape));
  const bias = tf.tensor1d([0, 0, 0, 5, 0, 0, 0, 0, 0, 0]);
  return [...weights.slice(0, -1), bias];
}

Deno.test("gatherRows copies the rows asked for, in that order", () => {
  assertEquals(
    gatherRows(Float32Array.of(1, 2, 3, 4, 5, 6), 2, [2, 0, 2]),
    Float32Array.of(5, 6, 1, 2, 5, 6),
  );
});

Deno.test("evaluateModel gives mean loss, accuracy and classes over more than one batch", async () => {
  const examples = tinyDigits(0, 260); // 250 fill a batch
  const threes = examples.labels.filter((label) => label === 3).length;
  const { score, predictions } = await evaluateModel(
    TINY_MODEL,
    alwaysThree(),
    { examples },
  );
  assertEquals(predictions, new Uint8Array(260).fill(3));
  assertAlmostEquals(score.accuracy, threes / 260, 1e-12);
  const total = Math.log(Math.exp(5) + 9);
  assertAlmostEquals(score.loss, total - 5 * threes / 260, 1e-5);
});

Deno.test("evaluateModel measures the loss that it is asked for", async () => {
  const examples = tinyDigits(0, 4);
  const images = { examples, teacherLogits: new Float32Array(40) };
  const loss = { kind: "logit-mse" } as const;
  const { score } = await evaluateModel(
    TINY_MODEL,
    alwaysThree(),
    images,
    loss,
  );
  assertAlmostEquals(score.loss, 2.5, 1e-6); // 5² / 10
});

Deno.test("evaluateModel leaves its weights alone, and no tensor behind", async () => {
  const weights = alwaysThree();
  const before = tf.memory().numTensors;
  await evaluateModel(TINY_MODEL, weights, { examples: tinyDigits(0, 8) });
  assertEquals(tf.memory().numTensors, before);
  assert(weights.every((weight) => !weight.isDisposed));
});

for (const odd of [NaN, Infinity, -Infinity]) {
  Deno.test(`evaluateModel refuses a logit of ${odd}, of another class too`, async () => {
    const examples = { ...tinyDigits(0, 20), labels: new Uint8Array(20) };
    for (const place of [0, 9]) {
      const bias = new Float32Array(10);
      bias[place] = odd;
      await assertRejects(
        () =>
          evaluateModel(
            TINY_MODEL,
            [...alwaysThree().slice(0, -1), tf.tensor1d(bias)],
            { examples },
          ),
        RangeError,
        "its loss and logits must be finite",
      );
    }
  });
}
