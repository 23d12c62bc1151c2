import type { LossSpec } from "./losses.ts";

/** The factors and the temperature by which {@linkcode mixedLoss} makes a loss. */
export type LossTerms = readonly [a: number, b: number, c: number, T: number];

/**
 * (a, b, c, T), so that `loss` is a · cross-entropy + b · T² · the divergence from
 * the teacher at temperature T + c · the mean squared difference of logits.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { lossTerms } from "./loss_terms.ts";
 *
 * const loss = { kind: "distillation", temperature: 4, alpha: 0.75 } as const;
 * assertEquals(lossTerms(loss), [0.25, 0.75, 0, 4]);
 * ```
 */
export function lossTerms(loss: LossSpec): LossTerms {
  switch (loss.kind) {
    case "cross-entropy":
      return [1, 0, 0, 1];
    case "logit-mse":
      return [0, 0, 1, 1];
    case "distillation":
      return [1 - loss.alpha, loss.alpha, 0, loss.temperature];
  }
}
