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
import {
  feedGroup,
  type GroupConstants,
  groupWeights,
  makeConstants,
} from "./cohort_group.ts";
import { type CohortLayout, layOutCohort, ownersOf } from "./cohort_layout.ts";
import { initialCohort } from "./cohort_weights.ts";
import { readFeatureRows } from "./feature_rows.ts";
import { orderMembers } from "./order_members.ts";
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
  if (members.length === 0) {
    throw new RangeError("Cannot train a cohort: it has no members");
  }
  for (const { dropout, loss } of members) {
    checkDropoutRate(dropout);
    checkLoss(loss);
  }
}

/**
 * Opens a cohort: students of any width, dropout, seed and loss that share the
 * teacher's features, trained in one pass.
 *
 * Members with equal seed and dropout make a group: they see one batch under one
 * mask, so that with H the sum of their widths the hidden layers are one matrix
 * product, h = relu(x·W₁ + b₁) of `[batch, features]` × `[features, H]`; the output
 * layers multiply each member's units by its own weights, and each has a loss of
 * its own. Groups follow one another within a step; each has its own weights.
 *
 * No number of a member enters another's, forward or back, even where one isn't
 * finite; and dropout and order depend on the seed alone: each gets the weights
 * that it would get by itself, to rounding.
 *
 * Throws a `RangeError` where there is no member, or a member's dropout or loss is
 * unusable, and what the file system throws.
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
 * const members = [1, 2].map((seed) => ({ hidden: 4, dropout: 0.2, loss, seed }));
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
  const { groups } = layout;
  const orders = [...new Set(groups.map(({ seed }) => seed))];

  let made: GroupConstants[] | undefined;
  const constants = (): GroupConstants[] => {
    if (made) return made;
    made = groups.map((group) => makeConstants(layout, group));
    resources.adopt(
      made,
      (all) =>
        tf.dispose(
          all.map(({ blocks, terms }) => [blocks.startsTensor, terms]),
        ),
    );
    return made;
  };

  const source = { file: files.train, sparse: parts.train.sparse };
  const feed = (
    weights: tf.Tensor[],
    batch: Uint32Array<ArrayBuffer>,
    step: number,
  ): BatchOutcome => {
    const size = batch.length / orders.length;
    const sources = orders.map((_, order) => {
      const rows = batch.subarray(order * size, (order + 1) * size);
      const targets = readTargets(parts.train, rows, classes);
      return { rows: readFeatureRows(source, rows), targets };
    });
    const outcomes = groups.map(({ seed, dropout }, index) => {
      const { rows, targets } = sources[orders.indexOf(seed)];
      const product = dropout === 0 ? rows() : rows({
        rate: dropout,
        key: drawCounterKey(randomStream(seed, "dropout", step)),
        first: 0,
      });
      const own = groupWeights(weights, index);
      const { losses, predicted } = feedGroup(
        own,
        product,
        targets,
        constants()[index],
      );
      const truth = tf.reshape(targets.labels, [size, 1]);
      const hits = tf.cast(tf.equal(predicted, truth), "float32");
      return { losses: tf.mean(losses, 0), correct: tf.sum(hits, 0) };
    });
    return {
      losses: orderMembers(groups, outcomes.map(({ losses }) => losses)),
      correct: orderMembers(groups, outcomes.map(({ correct }) => correct)),
    };
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
    orders,
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
