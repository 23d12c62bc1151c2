import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { useCpu } from "../../../core/device/cpu.ts";
import { exampleLosses } from "../../../core/train/example_losses.ts";
import { lossPerExample, type LossSpec } from "../../../core/train/losses.ts";
import * as tf from "../../../core/tf.ts";
import golden from "../../golden/losses.json" with { type: "json" };

await useCpu();

const logits = tf.tensor2d(golden.logits);
const teacherLogits = tf.tensor2d(golden.teacherLogits);
const oneHot = tf.tensor2d(golden.labels);
const classes = golden.labels.map((row) => row.indexOf(1));
const targets = { labels: tf.tensor1d(classes, "int32"), teacherLogits };

for (
  const loss of [
    { kind: "cross-entropy" },
    { kind: "logit-mse" },
    { kind: "distillation", temperature: 4, alpha: 0.9 },
    { kind: "distillation", temperature: 1, alpha: 0.5 },
  ] satisfies LossSpec[]
) {
  Deno.test(`exampleLosses are lossPerExample's, gradients too: ${JSON.stringify(loss)}`, async () => {
    const ours = (z: tf.Tensor) => exampleLosses(loss, z, targets);
    const wanted = (z: tf.Tensor) =>
      lossPerExample(loss, z, { labels: oneHot, teacherLogits });
    assertEquals(ours(logits).shape, wanted(logits).shape);
    const pairs = [
      [ours(logits), wanted(logits)],
      [tf.grad(ours)(logits), tf.grad(wanted)(logits)],
    ];
    for (const [given, reference] of pairs) {
      const numbers = await reference.data();
      (await given.data()).forEach((value, i) =>
        assertAlmostEquals(value, numbers[i], 1e-5 * Math.max(1, numbers[i]))
      );
    }
  });
}

Deno.test("exampleLosses needs the teacher's logits for all but cross-entropy", () => {
  const { labels } = targets;
  assertEquals(
    exampleLosses({ kind: "cross-entropy" }, logits, { labels }).shape,
    [4],
  );
  assertThrows(
    () => exampleLosses({ kind: "logit-mse" }, logits, { labels }),
    TypeError,
    "Cannot compute logit-mse",
  );
});
