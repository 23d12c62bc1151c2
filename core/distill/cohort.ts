import { consecutiveBatches, oneHotLabels } from "../data/batches.ts";
import { hashValues } from "../data/dataset.ts";
import { FeatureFile } from "./feature_file.ts";
import type { FeaturePart, FeatureStore } from "./feature_store.ts";
import { confirmDeviceHealthy } from "../device/health.ts";
import type { FloatArray } from "../files/safetensors.ts";
import { fillDropoutMask } from "../random/dropout_mask.ts";
import { randomStream } from "../random/stream.ts";
import * as tf from "../tf.ts";
import { type Assessment, gatherRows } from "../train/evaluate_model.ts";
import type { Learner } from "../train/learner.ts";
import { checkLoss, lossPerExample } from "../train/losses.ts";
import {
  type CohortLayout,
  initialCohort,
  layOutCohort,
} from "./cohort_layout.ts";
import type { StudentConfig } from "./student_config.ts";

const EVALUATION_BATCH = 250;

/** Heads that read the same features, trained side by side; see {@linkcode openCohort}. */
export interface Cohort extends Learner {
  /** Where each member's units lie in the shared weights. */
  layout: CohortLayout;
  /** Each member on the test images. */
  test(weights: FloatArray[]): Promise<Assessment[]>;
  /** Closes the files that it reads. */
  [Symbol.dispose](): void;
}

/** Throws unless all members see the same batches, masks and targets. */
function checkMembers(members: StudentConfig[]): void {
  const shared = new Set(
    members.map(({ dropout, loss, seed }) =>
      JSON.stringify({ dropout, loss, seed })
    ),
  );
  if (shared.size !== 1) {
    throw new RangeError(
      `Cannot train a cohort: its members must share dropout, loss and seed: they have ${
        [...shared].join(", ") || "no members"
      }`,
    );
  }
}

function openPart(part: FeaturePart, width: number): FeatureFile {
  const { path, precision, resident } = part;
  return new FeatureFile(path, precision, width, resident);
}

/**
 * Opens a cohort: students of any width that share the teacher's features,
 * trained in one pass.
 *
 * With H the sum of the members' widths and S their number, the hidden layers
 * are one matrix product, h = relu(x·W₁ + b₁) of `[batch, features]` ×
 * `[features, H]`; the output layers are another, z = h·(W₂ ⊙ M) + b₂ to
 * `[batch, S·classes]`, where M is 1 on each member's own block and 0 elsewhere.
 * No gradient crosses from one member to another as long as all are finite (0 · NaN
 * is NaN), and dropout and order depend on the seed alone, so that each gets the
 * weights that it would get by itself.
 *
 * Throws a `RangeError` where members differ in anything but their width, or
 * the loss is unusable, and what the file system throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { BARS_TRAINING, makeBarsStore } from "../../tests/core/bars.ts";
 * import { train } from "../train/train.ts";
 * import { openCohort } from "./cohort.ts";
 * import { cutMember } from "./cohort_layout.ts";
 *
 * const { store } = await makeBarsStore(); // on Wasm
 * const loss = { kind: "logit-mse" } as const;
 * const members = [2, 4].map((hidden) => ({ hidden, dropout: 0.2, loss, seed: 1 }));
 * using cohort = openCohort(store, members);
 * const { weights } = await train(cohort, { ...BARS_TRAINING, seed: 1 });
 * const [kernel] = cutMember(cohort.layout, weights, 1);
 * assertEquals(kernel.shape, [256, 4]);
 * assertEquals((await cohort.test(weights)).length, 2);
 * ```
 */
export function openCohort(
  store: FeatureStore,
  members: StudentConfig[],
): Cohort {
  checkMembers(members);
  const { width, classes, parts } = store;
  const [{ dropout, loss, seed }] = members;
  checkLoss(loss);
  const layout = layOutCohort(members, store);
  const { units, hiddenOwners, outputOwners } = layout;
  const size = members.length;
  const trainFile = openPart(parts.train, width);
  const validationFile = openPart(parts.validation, width);

  /** `[batch, classes]` rows as `[batch, members, classes]`. */
  const repeat = (rows: Float32Array, batch: number): tf.Tensor3D =>
    tf.tile(tf.tensor3d(rows, [batch, 1, classes]), [1, size, 1]);

  const measure = (
    [w1, b1, w2, b2]: tf.Tensor[],
    part: FeaturePart,
    features: Float32Array,
    batch: Uint32Array<ArrayBuffer>,
  ) => {
    const x = tf.tensor2d(features, [batch.length, width]);
    const hidden = tf.relu(tf.add(tf.matMul(x, w1), b1)); // [batch, H]
    const block = tf.tensor2d(layout.block, [units, size * classes]);
    const own = tf.mul(w2, block);
    const logits = tf.reshape(
      tf.add(tf.matMul(hidden, own), b2),
      [batch.length, size, classes],
    );
    const labels = oneHotLabels(part.labels, batch, classes);
    const losses = lossPerExample(loss, logits, {
      labels: repeat(labels, batch.length),
      teacherLogits: repeat(
        gatherRows(part.logits, classes, batch),
        batch.length,
      ),
    }); // [batch, members]
    const predicted = tf.argMax(logits, -1); // [batch, members]
    return { losses, predicted };
  };

  const assess = async (
    weights: tf.Tensor[],
    part: FeaturePart,
    file: FeatureFile,
  ): Promise<Assessment[]> => {
    const results = members.map(() => ({
      score: { loss: 0, accuracy: 0 },
      predictions: new Uint8Array(part.count),
    }));
    for (const batch of consecutiveBatches(part.count, EVALUATION_BATCH)) {
      const { losses, predicted } = tf.tidy(() => {
        const { losses, predicted } = measure(
          weights,
          part,
          file.read(batch),
          batch,
        );
        return { losses: tf.sum(losses, 0), predicted };
      });
      const lossSums = await losses.data();
      const classOf = await predicted.data();
      tf.dispose([losses, predicted]);
      results.forEach(({ score, predictions }, member) => {
        score.loss += lossSums[member] / part.count;
        for (let row = 0; row < batch.length; row++) {
          const answer = classOf[row * size + member];
          predictions[batch[row]] = answer;
          score.accuracy += Number(answer === part.labels[batch[row]]);
        }
      });
    }
    await confirmDeviceHealthy();
    for (const { score } of results) score.accuracy /= part.count;
    return results;
  };

  return {
    layout,
    identity: JSON.stringify([
      members,
      hashValues(parts.train.labels),
      hashValues(parts.train.logits),
      hashValues(parts.validation.labels),
    ]),
    members: size,
    initial: initialCohort(layout),
    owners: [hiddenOwners, hiddenOwners, outputOwners, outputOwners],
    count: parts.train.count,
    feed: (weights, batch, step) => {
      const mask = dropout === 0 ? undefined : fillDropoutMask(
        new Float32Array(batch.length * width),
        dropout,
        randomStream(seed, "dropout", step),
      );
      const { losses, predicted } = measure(
        weights,
        parts.train,
        trainFile.read(batch, mask),
        batch,
      );
      const truth = tf.tensor2d(
        Int32Array.from(batch, (index) => parts.train.labels[index]),
        [batch.length, 1],
        "int32",
      );
      const hits = tf.cast(tf.equal(predicted, truth), "float32");
      return {
        losses: tf.mean<tf.Tensor1D>(losses, 0),
        correct: tf.sum<tf.Tensor1D>(hits, 0),
      };
    },
    validate: async (weights) => {
      const results = await assess(weights, parts.validation, validationFile);
      return results.map(({ score }) => score);
    },
    test: async (weights) => {
      using file = openPart(parts.test, width);
      const tensors = weights.map(({ shape, values }) =>
        tf.tensor(values, shape)
      );
      try {
        return await assess(tensors, parts.test, file);
      } finally {
        tf.dispose(tensors);
      }
    },
    [Symbol.dispose]: () => {
      trainFile[Symbol.dispose]();
      validationFile[Symbol.dispose]();
    },
  };
}
