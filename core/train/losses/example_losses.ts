import { mixedLoss, packTerms } from "../../kernels/mixed_loss/op.ts";
import * as tf from "../../tf.ts";
import { LOSSES, type LossSpec, lossTerms } from "./losses.ts";

/** What a batch of examples is compared with. */
export interface ExampleTargets {
  /** Classes, from 0, int32 `[n]`. */
  labels: tf.Tensor1D;
  /** The teacher's logits `[n, classes]`; needed by all losses but cross-entropy. */
  teacherLogits?: tf.Tensor;
}

/**
 * The loss per example that `loss` asks for: logits `[n, classes]` → `[n]`, in nats
 * where it is an entropy; each rule of {@linkcode LOSSES} has its formula. It
 * neither saturates nor clips, and its gradient is made in the same pass where the
 * backend has a kernel for it.
 *
 * Throws a `TypeError` where it needs the teacher's logits and there are none,
 * and a `RangeError` where shapes differ.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { exampleLosses } from "./example_losses.ts";
 * import { selectBackend } from "../../device/select_backend.ts";
 * import * as tf from "../../tf.ts";
 *
 * await selectBackend("cpu");
 * const logits = tf.tensor2d([[1, 3]]);
 * const targets = { labels: tf.tensor1d([1], "int32"), teacherLogits: tf.tensor2d([[1, 1]]) };
 * assertEquals([...await exampleLosses({ kind: "logit-mse" }, logits, targets).data()], [2]);
 * ```
 */
export function exampleLosses(
  loss: LossSpec,
  logits: tf.Tensor,
  { labels, teacherLogits }: ExampleTargets,
): tf.Tensor {
  if (LOSSES[loss.kind].distils && !teacherLogits) {
    throw new TypeError(
      `Cannot compute ${loss.kind}: it needs the teacher's logits: there are none`,
    );
  }
  const [n, classes] = logits.shape;
  const losses = mixedLoss(tf.reshape(logits, [n, 1, classes]), {
    labels,
    teacherLogits: teacherLogits ?? tf.zeros([n, classes]),
    terms: packTerms([lossTerms(loss)]),
  });
  return tf.reshape(losses, [n]);
}
