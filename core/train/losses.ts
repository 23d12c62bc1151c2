import * as tf from "../tf.ts";
import { checkTeacherLogits } from "./check_teacher_logits.ts";

/** Which loss a model learns by, as plain data. */
export type LossSpec =
  | { kind: "logit-mse" }
  | { kind: "cross-entropy" }
  | { kind: "distillation"; temperature: number; alpha: number };

/** What one batch is compared with: rows of one entry a class. */
export interface Targets {
  /** One-hot labels `[…, classes]`. */
  labels: tf.Tensor;
  /** The teacher's logits `[…, classes]`; needed by all losses but cross-entropy. */
  teacherLogits?: tf.Tensor;
}

/** Refuses tensors of different shapes, which tfjs would broadcast. */
function checkShapes(loss: string, logits: tf.Tensor, target: tf.Tensor): void {
  const shapes = [logits, target].map(({ shape }) => `[${shape.join(", ")}]`);
  if (shapes[0] !== shapes[1]) {
    throw new RangeError(
      `Cannot compute ${loss}: logits and targets must have one shape: they have ${
        shapes.join(" and ")
      }`,
    );
  }
}

/**
 * Cross-entropy per example: −Σ_c y_c · log softmax(z)_c.
 *
 * z `logits` and y `labels` (probabilities) are `[…, classes]`; the result is
 * `[…]`, in nats. Computed from log-softmax: it neither saturates nor clips.
 * Throws a `RangeError` where the shapes differ.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { crossEntropy } from "./losses.ts";
 * import { selectBackend } from "../device/select_backend.ts";
 * import * as tf from "../tf.ts";
 *
 * await selectBackend("cpu");
 * const [loss] = await crossEntropy(tf.tensor2d([[0, 0]]), tf.tensor2d([[1, 0]])).data();
 * assertAlmostEquals(loss, Math.log(2), 1e-6);
 * ```
 */
export function crossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  checkShapes("cross-entropy", logits, labels);
  return tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), -1));
}

/**
 * Logit regression per example: (1 / classes) Σ_c (z_c − v_c)².
 *
 * z `logits` and v `teacherLogits` are `[…, classes]`; the result is `[…]`.
 * Before the softmax, so that classes the teacher finds improbable still count.
 * Throws a `RangeError` where the shapes differ.
 *
 * Source: Ba and Caruana, "Do deep nets really need to be deep?", 2014.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { logitMse } from "./losses.ts";
 * import { selectBackend } from "../device/select_backend.ts";
 * import * as tf from "../tf.ts";
 *
 * await selectBackend("cpu");
 * const loss = logitMse(tf.tensor2d([[1, 3]]), tf.tensor2d([[1, 1]]));
 * assertEquals([...await loss.data()], [2]);
 * ```
 */
export function logitMse(
  logits: tf.Tensor,
  teacherLogits: tf.Tensor,
): tf.Tensor {
  checkShapes("logit regression", logits, teacherLogits);
  return tf.mean(tf.square(tf.sub(logits, teacherLogits)), -1);
}

/**
 * Distillation per example:
 * α·T²·KL(softmax(v/T) ‖ softmax(z/T)) + (1 − α)·cross-entropy(z, y).
 *
 * z `logits`, v `teacherLogits` and y `labels` are `[…, classes]`; the result is
 * `[…]`, in nats. The factor T² keeps the soft term's gradient at one scale for
 * any temperature T. Throws a `RangeError` where the shapes differ.
 *
 * Source: Hinton, Vinyals and Dean, "Distilling the knowledge in a neural
 * network", 2015, section 2.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { distillation } from "./losses.ts";
 * import { selectBackend } from "../device/select_backend.ts";
 * import * as tf from "../tf.ts";
 *
 * await selectBackend("cpu");
 * const logits = tf.tensor2d([[2, -1]]);
 * const targets = { labels: tf.tensor2d([[1, 0]]), teacherLogits: logits };
 * const loss = distillation(logits, targets, { temperature: 4, alpha: 1 });
 * assertAlmostEquals((await loss.data())[0], 0, 1e-6);
 * ```
 */
export function distillation(
  logits: tf.Tensor,
  { labels, teacherLogits }: Required<Targets>,
  { temperature, alpha }: { temperature: number; alpha: number },
): tf.Tensor {
  checkShapes("distillation", logits, teacherLogits);
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

/**
 * Throws a `RangeError` unless T > 0 and 0 ≤ α ≤ 1.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkLoss } from "./losses.ts";
 *
 * const loss = { kind: "distillation", temperature: 0, alpha: 1 } as const;
 * assertThrows(() => checkLoss(loss), RangeError, "temperature");
 * ```
 */
export function checkLoss(loss: LossSpec): void {
  if (loss.kind !== "distillation") return;
  if (!(loss.temperature > 0 && Number.isFinite(loss.temperature))) {
    throw new RangeError(
      `Cannot distil: the temperature must be > 0: current value is ${loss.temperature}`,
    );
  }
  if (!(loss.alpha >= 0 && loss.alpha <= 1)) {
    throw new RangeError(
      `Cannot distil: alpha must be from 0 to 1: current value is ${loss.alpha}`,
    );
  }
}

/**
 * The loss per example that `loss` asks for: logits `[…, classes]` → `[…]`; see
 * each one's own function for its formula and units.
 *
 * Throws a `TypeError` where it needs the teacher's logits and there are none,
 * and a `RangeError` where shapes differ.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { lossPerExample } from "./losses.ts";
 * import { selectBackend } from "../device/select_backend.ts";
 * import * as tf from "../tf.ts";
 *
 * await selectBackend("cpu");
 * const logits = tf.tensor2d([[1, 3]]);
 * const targets = { labels: tf.tensor2d([[0, 1]]), teacherLogits: tf.tensor2d([[1, 1]]) };
 * assertEquals([...await lossPerExample({ kind: "logit-mse" }, logits, targets).data()], [2]);
 * ```
 */
export function lossPerExample(
  loss: LossSpec,
  logits: tf.Tensor,
  { labels, teacherLogits }: Targets,
): tf.Tensor {
  if (loss.kind === "cross-entropy") return crossEntropy(logits, labels);
  checkTeacherLogits(loss, teacherLogits);
  if (loss.kind === "logit-mse") return logitMse(logits, teacherLogits);
  return distillation(logits, { labels, teacherLogits }, loss);
}
