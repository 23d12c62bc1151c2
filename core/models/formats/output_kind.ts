/** What a model's last numbers are. */
export type OutputKind = "logits" | "log-probabilities" | "probabilities";

/** How far rounding may take a sum of probabilities from 1. */
const TOLERANCE = 1e-3;

/** Whether each row of `values`, `[n, width]`, sums to 1 by `of`. */
function sumsToOne(
  values: Float32Array,
  width: number,
  of: (value: number) => number,
): boolean {
  for (let row = 0; row < values.length; row += width) {
    let sum = 0;
    for (let i = row; i < row + width; i++) sum += of(values[i]);
    if (!(Math.abs(sum - 1) <= TOLERANCE)) return false;
  }
  return true;
}

/**
 * What `answers`, `[n, width]`, are, by their values: no layer says it of a file of
 * another program.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { outputKindOf } from "./output_kind.ts";
 *
 * assertEquals(outputKindOf(Float32Array.of(0.25, 0.75), 2), "probabilities");
 * assertEquals(outputKindOf(Float32Array.of(0.25, 0.75, 1, 1), 2), "logits");
 * ```
 */
export function outputKindOf(
  answers: Float32Array,
  width: number,
): OutputKind {
  const positive = answers.every((value) => value >= 0);
  if (positive && sumsToOne(answers, width, (value) => value)) {
    return "probabilities";
  }
  const negative = answers.every((value) => value <= TOLERANCE);
  return negative && sumsToOne(answers, width, Math.exp)
    ? "log-probabilities"
    : "logits";
}
