import { hashValues } from "../data/dataset.ts";
import { freeGpuMemory } from "../device/free_gpu_memory.ts";
import { FeatureFile } from "./feature_file.ts";
import type { FeaturePart, FeatureStore } from "./feature_store.ts";
import type { FloatArray } from "../files/safetensors.ts";
import { drawCounterKey } from "../random/counter.ts";
import { checkDropoutRate } from "../random/dropout_mask.ts";
import { randomStream } from "../random/stream.ts";
import * as tf from "../tf.ts";
import type { Assessment } from "../train/evaluate_model.ts";
import type { BatchOutcome, Learner } from "../train/learner.ts";
import { checkLoss } from "../train/losses/losses.ts";
import { assessCohort } from "./assess_cohort.ts";
import { readTargets } from "./batch_targets.ts";
import { type CohortLayout, layOutCohort, ownersOf } from "./cohort_layout.ts";
import { initialCohort } from "./cohort_weights.ts";
import { readFeatureRows } from "./feature_rows.ts";
import {
  type CohortConstants,
  feedCohort,
  makeConstants,
} from "./feed_cohort.ts";
import type { StudentConfig } from "./student_config.ts";

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
