import { addBias } from "../kernels/add_bias/op.ts";
import { biasRelu } from "../kernels/bias_relu/op.ts";
import { blockMatMul, type Blocks } from "../kernels/block_mat_mul/op.ts";
import { mixedLoss } from "../kernels/mixed_loss/op.ts";
import * as tf from "../tf.ts";
import { lossTerms } from "../train/losses/losses.ts";
import type { CohortLayout } from "./cohort_layout.ts";
import type { FeatureProduct } from "./feature_rows.ts";

/** What every step of a cohort needs and none changes: made once. */
export interface CohortConstants {
  /** Each member's units. */
  blocks: Blocks;
  /** Each member's loss, as `mixedLoss` takes it: `[members, 4]`. */
  terms: tf.Tensor;
}

/** What a batch is compared with. */
export interface BatchTargets {
  /** Classes, int32 `[batch]`. */
  labels: tf.Tensor;
  /** The teacher's logits `[batch, classes]`. */
  teacherLogits: tf.Tensor;
}

/** The constants of a cohort, kept until they are disposed of. */
export function makeConstants(
  { members, starts }: CohortLayout,
): CohortConstants {
  const terms = members.map(({ loss }) => [...lossTerms(loss)]);
  return {
    blocks: {
      starts,
      startsTensor: tf.keep(tf.tensor1d(starts, "int32")),
    },
    terms: tf.keep(tf.tensor2d(terms)),
  };
}

/**
 * h = relu(x·W₁ + b₁), z_s = h_s·W₂,s + b₂,s for each member s, h_s being its own
 * units: losses `[batch, members]` and predicted classes, int32
 * `[batch, members]`.
 */
export function feedCohort(
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
