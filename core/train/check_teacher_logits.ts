import type * as tf from "../tf.ts";
import type { LossSpec } from "./losses.ts";

/**
 * Throws a `TypeError` unless there are the teacher's logits, which `loss` needs.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkTeacherLogits } from "./check_teacher_logits.ts";
 *
 * assertThrows(() => checkTeacherLogits({ kind: "logit-mse" }, undefined), TypeError);
 * ```
 */
export function checkTeacherLogits(
  loss: LossSpec,
  teacherLogits: tf.Tensor | undefined,
): asserts teacherLogits {
  if (teacherLogits) return;
  throw new TypeError(
    `Cannot compute ${loss.kind}: it needs the teacher's logits: there are none`,
  );
}
