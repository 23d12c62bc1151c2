import type { LossSpec } from "../train/losses.ts";

/** What makes a student of a sweep different from the others. */
export interface StudentConfig {
  /** Units of the hidden layer. */
  hidden: number;
  /** Dropout rate on the features. */
  dropout: number;
  /** What it learns by. */
  loss: LossSpec;
  /** Decides weights, order and dropout. */
  seed: number;
}

/**
 * Name of a loss in tables, files and JSON: its kind, and T and α where it has
 * them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { lossName } from "./student_config.ts";
 *
 * const loss = { kind: "distillation", temperature: 4, alpha: 0.9 } as const;
 * assertEquals(lossName(loss), "distillation(T=4,alpha=0.9)");
 * ```
 */
export function lossName(loss: LossSpec): string {
  return loss.kind === "distillation"
    ? `distillation(T=${loss.temperature},alpha=${loss.alpha})`
    : loss.kind;
}
