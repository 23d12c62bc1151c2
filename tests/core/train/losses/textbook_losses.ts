import * as tf from "../../../../core/tf.ts";
import type { LossSpec } from "../../../../core/train/losses/losses.ts";

/** What one batch is compared with: rows of one entry a class. */
export interface Targets {
  /** One-hot labels `[…, classes]`. */
  labels: tf.Tensor;
  /** The teacher's logits `[…, classes]`. */
  teacherLogits: tf.Tensor;
}

/** −Σ_c y_c · log softmax(z)_c, per example, by tfjs's own operations. */
export function crossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), -1));
}

/** (1 / classes) Σ_c (z_c − v_c)², per example. */
export function logitMse(
  logits: tf.Tensor,
  teacherLogits: tf.Tensor,
): tf.Tensor {
  return tf.mean(tf.square(tf.sub(logits, teacherLogits)), -1);
}

/** α·T²·KL(softmax(v/T) ‖ softmax(z/T)) + (1 − α)·cross-entropy(z, y), per example. */
export function distillation(
  logits: tf.Tensor,
  { labels, teacherLogits }: Targets,
  { temperature, alpha }: { temperature: number; alpha: number },
): tf.Tensor {
  const softened = tf.logSoftmax(tf.div(logits, temperature));
  const wanted = tf.logSoftmax(tf.div(teacherLogits, temperature));
  const divergence = tf.sum(
    tf.mul(tf.exp(wanted), tf.sub(wanted, softened)),
    -1,
  );
  return tf.add(
    tf.mul(alpha * temperature ** 2, divergence),
    tf.mul(1 - alpha, crossEntropy(logits, labels)),
  );
}

/** `loss` per example as its formula stands in the textbook. */
export function textbookLoss(
  loss: LossSpec,
  logits: tf.Tensor,
  targets: Targets,
): tf.Tensor {
  switch (loss.kind) {
    case "cross-entropy":
      return crossEntropy(logits, targets.labels);
    case "logit-mse":
      return logitMse(logits, targets.teacherLogits);
    case "distillation":
      return distillation(logits, targets, loss);
  }
}
