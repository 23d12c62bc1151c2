import { addBias } from "../kernels/ops/add_bias.ts";
import { biasRelu } from "../kernels/ops/bias_relu.ts";
import { blockMatMul, type Blocks } from "../kernels/ops/block_mat_mul.ts";
import { mixedLoss } from "../kernels/ops/mixed_loss.ts";
import * as tf from "../tf.ts";
import { lossTerms } from "../train/losses/losses.ts";
import {
  type CohortGroup,
  type CohortLayout,
  GROUP_WEIGHTS,
} from "./cohort_layout.ts";
import type { FeatureProduct } from "./feature_rows.ts";

/** What every step of a group needs and none changes: made once. */
export interface GroupConstants {
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

/** The constants of `group`, kept until they are disposed of. */
export function makeConstants(
  { members }: CohortLayout,
  group: CohortGroup,
): GroupConstants {
  const terms = group.members.map((member) => [
    ...lossTerms(members[member].loss),
  ]);
  return {
    blocks: {
      starts: group.starts,
      startsTensor: tf.keep(tf.tensor1d(group.starts, "int32")),
    },
    terms: tf.keep(tf.tensor2d(terms)),
  };
}

/** The weights of the group at `index`, out of all of the cohort's. */
export function groupWeights(weights: tf.Tensor[], index: number): tf.Tensor[] {
  return weights.slice(GROUP_WEIGHTS * index, GROUP_WEIGHTS * (index + 1));
}

/**
 * h = relu(x·W₁ + b₁), z_s = h_s·W₂,s + b₂,s for each member s, h_s being its own
 * units: losses `[batch, members]` and predicted classes, int32
 * `[batch, members]`.
 */
export function feedGroup(
  [w1, b1, w2, b2]: tf.Tensor[],
  product: FeatureProduct,
  { labels, teacherLogits }: BatchTargets,
  { blocks, terms }: GroupConstants,
): { losses: tf.Tensor; predicted: tf.Tensor } {
  const hidden = biasRelu(product(w1), b1); // [batch, H]
  const logits = tf.reshape(
    addBias(blockMatMul(hidden, w2, blocks), b2),
    [-1, terms.shape[0], w2.shape[0]],
  ); // [batch, members, classes]
  const losses = mixedLoss(logits, { labels, teacherLogits, terms });
  return { losses, predicted: tf.argMax(logits, -1) };
}
