import { assert, assertEquals, assertThrows } from "@std/assert";
import { openCohort } from "../../../core/distill/cohort.ts";
import { cutMember } from "../../../core/distill/cohort_weights.ts";
import { FeatureFile } from "../../../core/distill/feature_file.ts";
import type { StudentConfig } from "../../../core/distill/student_config.ts";
import { forward } from "../../../core/models/forward.ts";
import { headLayers } from "../../../core/models/student.ts";
import * as tf from "../../../core/tf.ts";
import { gatherRows } from "../../../core/train/evaluate_model.ts";
import type { LossSpec } from "../../../core/train/losses/losses.ts";
import { toArray, toTensor } from "../../../core/train/training_state.ts";
import { textbookLoss } from "../train/losses/textbook_losses.ts";
import { extractTiny, makeTinyExperiment } from "./tiny_experiment.ts";

const store = await extractTiny(await makeTinyExperiment());
const { width, classes, parts } = store;
const BATCH = Uint32Array.of(0, 5, 5, 9, 100, 599);
const LOGIT_MSE: LossSpec = { kind: "logit-mse" };

function members(widths: number[], rest: Partial<StudentConfig> = {}) {
  return widths.map((hidden): StudentConfig => ({
    hidden,
    dropout: 0,
    loss: LOGIT_MSE,
    seed: 3,
    ...rest,
  }));
}

/** ∂(loss of `member`)/∂(each shared weight) on the batch, of a fresh cohort. */
async function gradientOf(students: StudentConfig[], member: number) {
  using cohort = openCohort(store, students);
  const weights = cohort.initial.map(toTensor);
  const gradients = tf.tidy(() =>
    tf.grads((...current: tf.Tensor[]) =>
      tf.sum(tf.slice(cohort.feed(current, BATCH, 0).losses, member, 1))
    )(weights)
  );
  const arrays = [];
  for (const gradient of gradients) arrays.push(await toArray(gradient));
  tf.dispose([weights, gradients]);
  return { layout: cohort.layout, owners: cohort.owners, arrays };
}

Deno.test("no gradient of a member's loss reaches another's weights", async () => {
  for (const dropout of [0, 0.4]) {
    const students = members([8, 6, 9, 7, 5], { dropout });
    for (let member = 0; member < students.length; member++) {
      const { owners, arrays } = await gradientOf(students, member);
      arrays.forEach(({ values }, index) => {
        const owner = owners[index];
        const own = values.filter((_, i) => owner[i % owner.length] === member);
        const others = values.filter((_, i) =>
          owner[i % owner.length] !== member
        );
        const learns = own.some((value) => value !== 0);
        assertEquals(learns, owner.includes(member), `weight ${index}`);
        assert(others.every((value) => value === 0), `weight ${index} crosses`);
      });
    }
  }
});

for (
  const loss of [
    LOGIT_MSE,
    { kind: "cross-entropy" },
    { kind: "distillation", temperature: 2, alpha: 0.3 },
  ] satisfies LossSpec[]
) {
  Deno.test(`a member's gradient is that of a plain network of its width, by ${loss.kind}`, async () => {
    const students = members([4, 2, 5], { loss });
    const { layout, arrays } = await gradientOf(students, 1);
    using cohort = openCohort(store, students);
    const own = cutMember(layout, cohort.initial, 1).map(toTensor);
    using file = new FeatureFile(parts.train, width);
    const { labels, logits } = parts.train;
    const x = tf.tensor(file.read(BATCH), [BATCH.length, width]);
    const targets = {
      labels: tf.cast(
        tf.oneHot(Array.from(BATCH, (image) => labels[image]), classes),
        "float32",
      ),
      teacherLogits: tf.tensor(
        gatherRows(logits, classes, BATCH),
        [BATCH.length, classes],
      ),
    };
    const layers = headLayers({ hidden: 2, dropout: 0, classes });
    const expected = tf.grads((...weights: tf.Tensor[]) =>
      tf.mean(textbookLoss(loss, forward(layers, weights, x), targets))
    )(own);
    for (const [index, { values }] of cutMember(layout, arrays, 1).entries()) {
      const plain = await toArray(expected[index]);
      const most = Math.max(...plain.values.map(Math.abs));
      // Sums of 6 examples and 10 classes, in float32.
      values.forEach((value, i) =>
        assert(Math.abs(value - plain.values[i]) <= 1e-5 * most)
      );
    }
    tf.dispose([own, expected, x, Object.values(targets)]);
  });
}

Deno.test("openCohort refuses an empty cohort and an impossible loss", () => {
  assertThrows(() => openCohort(store, []), RangeError, "it has no members");
  const loss: LossSpec = { kind: "distillation", temperature: 0, alpha: 1 };
  assertThrows(() => openCohort(store, members([2], { loss })), RangeError);
});

Deno.test("a cohort's identity tells its members, labels and logits", () => {
  const identityOf = (students: StudentConfig[], from = store) => {
    using cohort = openCohort(from, students);
    return cohort.identity;
  };
  const train = { ...parts.train, labels: parts.train.labels.toReversed() };
  const logits = parts.train.logits.map((logit) => logit + 1);
  const identities = [
    identityOf(members([2])),
    identityOf(members([3])),
    identityOf(members([2], { dropout: 0.1 })),
    identityOf(members([2]), { ...store, parts: { ...parts, train } }),
    identityOf(members([2]), {
      ...store,
      parts: { ...parts, train: { ...parts.train, logits } },
    }),
  ];
  assertEquals(new Set(identities).size, 5);
  assertEquals(identityOf(members([2])), identities[0]);
});
