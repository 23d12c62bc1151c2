import { consecutiveBatches, gatherLabels } from "../data/batches.ts";
import { hashValues, makeLabels } from "../data/dataset.ts";
import { freeGpuMemory } from "../device/free_gpu_memory.ts";
import { confirmDeviceHealthy } from "../device/health.ts";
import type { FloatArray } from "../files/safetensors.ts";
import { addBias } from "../kernels/add_bias/op.ts";
import { biasRelu } from "../kernels/bias_relu/op.ts";
import { blockMatMul, type Blocks } from "../kernels/block_mat_mul/op.ts";
import { mixedLoss, packTerms } from "../kernels/mixed_loss/op.ts";
import { drawCounterKey } from "../random/counter.ts";
import { checkDropoutRate } from "../random/dropout_mask.ts";
import { randomStream } from "../random/stream.ts";
import * as tf from "../tf.ts";
import { type Assessment, gatherRows } from "../train/evaluate_model.ts";
import type { BatchOutcome, Learner } from "../train/learner.ts";
import { checkLoss, lossTerms } from "../train/losses/losses.ts";
import { type CohortLayout, layOutCohort, ownersOf } from "./cohort_layout.ts";
import { initialCohort } from "./cohort_weights.ts";
import { FeatureFile } from "./feature_file.ts";
import {
  type FeatureProduct,
  readFeatureProduct,
  readFeatureRows,
} from "./feature_rows.ts";
import type { FeaturePart, FeatureStore } from "./feature_store.ts";
import type { StudentConfig } from "./student_config.ts";

/** What every step of a cohort needs and none changes: made once. */
interface CohortConstants {
  /** Each member's units. */
  blocks: Blocks;
  /** Each member's loss, as `mixedLoss` takes it. */
  terms: tf.Tensor;
}

/** What a batch is compared with. */
interface BatchTargets {
  /** Classes, int32 `[batch]`. */
  labels: tf.Tensor;
  /** The teacher's logits `[batch, classes]`. */
  teacherLogits: tf.Tensor;
}

/** The constants of a cohort, kept until they are disposed of. */
function makeConstants(
  { members, starts }: CohortLayout,
): CohortConstants {
  return {
    blocks: {
      starts,
      startsTensor: tf.keep(tf.tensor1d(starts, "int32")),
    },
    terms: tf.keep(packTerms(members.map(({ loss }) => lossTerms(loss)))),
  };
}

/**
 * h = relu(x·W₁ + b₁), z_s = h_s·W₂,s + b₂,s for each member s, h_s being its own
 * units: losses `[batch, members]` and predicted classes, int32
 * `[batch, members]`.
 */
function feedCohort(
  [w1, b1, w2, b2]: tf.Tensor[],
  product: FeatureProduct,
  { labels, teacherLogits }: BatchTargets,
  { blocks, terms }: CohortConstants,
): { losses: tf.Tensor; predicted: tf.Tensor } {
  const hidden = biasRelu(product(w1), b1); // [batch, H]
  const logits = tf.reshape(
    addBias(blockMatMul(hidden, w2, blocks), b2),
    [-1, terms.shape[0], w2.shape[0]],
  ); // [batch, members, classes]
  const losses = mixedLoss(logits, { labels, teacherLogits, terms });
  return { losses, predicted: tf.argMax(logits, -1) };
}

/** What the images of `part` at `batch` are compared with. */
function readTargets(
  { labels, logits }: FeaturePart,
  batch: Uint32Array<ArrayBuffer>,
  classes: number,
): BatchTargets {
  return {
    labels: tf.tensor1d(gatherLabels(labels, batch, classes), "int32"),
    teacherLogits: tf.tensor2d(
      gatherRows(logits, classes, batch),
      [batch.length, classes],
    ),
  };
}

const BATCH = 250;

/**
 * Each member's score and predictions on all images of `part`, without dropout, in
 * batches of 250. `weights` stay the caller's.
 */
async function assessCohort(
  { layout: { members, classes }, constants, weights, part, file }: {
    layout: CohortLayout;
    constants: CohortConstants;
    weights: tf.Tensor[];
    part: FeaturePart;
    file: FeatureFile;
  },
): Promise<Assessment[]> {
  const results = members.map(() => ({
    score: { loss: 0, accuracy: 0 },
    predictions: makeLabels(part.count, classes),
  }));
  for (const batch of consecutiveBatches(part.count, BATCH)) {
    const [lossSums, predicted] = tf.tidy(() => {
      const { losses, predicted } = feedCohort(
        weights,
        readFeatureProduct(file, batch),
        readTargets(part, batch, classes),
        constants,
      );
      return [tf.sum(losses, 0), predicted];
    });
    const [sums, answers] = await Promise.all([
      lossSums.data(),
      predicted.data(),
    ]);
    tf.dispose([lossSums, predicted]);
    results.forEach(({ score, predictions }, member) => {
      score.loss += sums[member] / part.count;
      for (let row = 0; row < batch.length; row++) {
        const answer = answers[row * members.length + member];
        predictions[batch[row]] = answer;
        score.accuracy += Number(answer === part.labels[batch[row]]);
      }
    });
  }
  await confirmDeviceHealthy();
  for (const { score } of results) score.accuracy /= part.count;
  return results;
}

/** Heads that read the same features, trained side by side; see {@linkcode openCohort}. */
export interface Cohort extends Learner {
  /** Where each member's units lie in the weights. */
  layout: CohortLayout;
  /** The cohort of some of its members; it ends with the whole one. */
  keep(members: number[]): Cohort;
  /** Each member on the test images. */
  test(weights: FloatArray[]): Promise<Assessment[]>;
  /** Closes the files that it reads, and frees what every step shares. */
  [Symbol.dispose](): void;
}

function checkMembers(members: StudentConfig[]): void {
  for (const { dropout, loss } of members) {
    checkDropoutRate(dropout);
    checkLoss(loss);
  }
}

/**
 * Opens a cohort: students of any width and loss, and of one seed and dropout, that
 * share the teacher's features, trained in one pass.
 *
 * They see one batch under one mask, so that with H the sum of their widths the
 * hidden layers are one matrix product, h = relu(x·W₁ + b₁) of `[batch, features]` ×
 * `[features, H]`; the output layers multiply each member's units by its own
 * weights, and each has a loss of its own.
 *
 * No number of a member enters another's, forward or back, even where one isn't
 * finite; and dropout and order depend on the seed alone: each gets the weights
 * that it would get by itself, to rounding.
 *
 * Throws a `RangeError` where there is no member, where seeds or dropouts differ, or
 * a member's dropout or loss is unusable, and what the file system throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { BARS_TRAINING, makeBarsStore } from "../../tests/core/bars.ts";
 * import { train } from "../train/train.ts";
 * import { openCohort } from "./cohort.ts";
 * import { cutMember } from "./cohort_weights.ts";
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
  const { width, parts } = store;
  using opened = new DisposableStack();
  const files = {
    train: opened.use(new FeatureFile(parts.train, width)),
    validation: opened.use(new FeatureFile(parts.validation, width)),
  };
  const resources = opened.move();
  return makeCohort(store, files, members, resources);
}

function makeCohort(
  store: FeatureStore,
  files: { train: FeatureFile; validation: FeatureFile },
  members: StudentConfig[],
  resources: DisposableStack,
): Cohort {
  const { width, classes, parts } = store;
  const layout = layOutCohort(members, store);
  const { seed, dropout } = layout;

  let made: CohortConstants | undefined;
  const constants = (): CohortConstants => {
    if (made) return made;
    made = makeConstants(layout);
    resources.adopt(
      made,
      ({ blocks, terms }) => tf.dispose([blocks.startsTensor, terms]),
    );
    return made;
  };

  const source = { file: files.train, sparse: parts.train.sparse };
  const feed = (
    weights: tf.Tensor[],
    batch: Uint32Array<ArrayBuffer>,
    step: number,
  ): BatchOutcome => {
    const targets = readTargets(parts.train, batch, classes);
    const rows = readFeatureRows(source, batch);
    const product = dropout === 0 ? rows() : rows({
      rate: dropout,
      key: drawCounterKey(randomStream(seed, "dropout", step)),
      first: 0,
    });
    const { losses, predicted } = feedCohort(
      weights,
      product,
      targets,
      constants(),
    );
    const truth = tf.reshape(targets.labels, [batch.length, 1]);
    const hits = tf.cast(tf.equal(predicted, truth), "float32");
    return { losses: tf.mean(losses, 0), correct: tf.sum(hits, 0) };
  };

  const assess = (
    weights: tf.Tensor[],
    part: FeaturePart,
    file: FeatureFile,
  ) => assessCohort({ layout, constants: constants(), weights, part, file });

  return {
    layout,
    identity: JSON.stringify([
      members,
      hashValues(parts.train.labels),
      hashValues(parts.train.logits),
      hashValues(parts.validation.labels),
    ]),
    members: members.length,
    seed,
    initial: initialCohort(layout),
    owners: ownersOf(layout),
    count: parts.train.count,
    keep: (kept) =>
      makeCohort(store, files, kept.map((index) => members[index]), resources),
    feed,
    validate: async (weights) => {
      const results = await assess(weights, parts.validation, files.validation);
      return results.map(({ score }) => score);
    },
    test: async (weights) => {
      using file = new FeatureFile(parts.test, width);
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
      resources.dispose();
      freeGpuMemory();
    },
  };
}
