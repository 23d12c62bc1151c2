/** What a model's last numbers are; sigmoids are probabilities each by itself. */
export type OutputKind =
  | "logits"
  | "log-probabilities"
  | "probabilities"
  | "sigmoids";

/**
 * What a file says that its last numbers are made by: one sigmoid is two classes', the
 * probability of the second.
 */
export type Ending = "softmax" | "sigmoids" | "one sigmoid";

/** How far rounding may take a sum of probabilities from 1. */
const TOLERANCE = 1e-3;
/** How far one that was rounded to a byte lies from what it was, at most. */
const BYTE_ROUNDING = 1 / 512;
/** How far rounding to bytes may take a sum. */
const MOST_ROUNDED = 0.05;

/** Whether each row of `values`, `[n, width]`, sums to 1 by `of`. */
function sumsToOne(
  values: Float32Array,
  width: number,
  { of, tolerance }: { of: (value: number) => number; tolerance: number },
): boolean {
  for (let row = 0; row < values.length; row += width) {
    let sum = 0;
    for (let i = row; i < row + width; i++) sum += of(values[i]);
    if (!(Math.abs(sum - 1) <= tolerance)) return false;
  }
  return true;
}

/**
 * Whether all of `values` may be probabilities.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { areShares } from "./output_kind.ts";
 *
 * assert(areShares(Float32Array.of(0, 0.5, 1)));
 * assert(!areShares(Float32Array.of(-0.5, 0.5)));
 * ```
 */
export function areShares(values: Float32Array): boolean {
  return values.every((value) => value >= 0 && value <= 1 + TOLERANCE);
}

/**
 * What `answers`, `[n, width]`, are, by their values: no layer says it of a file of
 * another program. Probabilities may be rounded to bytes, as quantised models give them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { outputKindOf } from "./output_kind.ts";
 *
 * assertEquals(outputKindOf(Float32Array.of(0.25, 0.75), 2), "probabilities");
 * assertEquals(outputKindOf(Float32Array.of(0.25, 0.75, 1, 1), 2), "logits");
 * const rounded = Float32Array.of(85 / 256, 85 / 256, 85 / 256);
 * assertEquals(outputKindOf(rounded, 3), "probabilities");
 * ```
 */
export function outputKindOf(
  answers: Float32Array,
  width: number,
): Exclude<OutputKind, "sigmoids"> {
  const rounding = {
    of: (value: number) => value,
    tolerance: Math.max(
      TOLERANCE,
      Math.min(MOST_ROUNDED, width * BYTE_ROUNDING),
    ),
  };
  if (areShares(answers) && sumsToOne(answers, width, rounding)) {
    return "probabilities";
  }
  const negative = answers.every((value) => value <= TOLERANCE);
  const exponents = { of: Math.exp, tolerance: TOLERANCE };
  return negative && sumsToOne(answers, width, exponents)
    ? "log-probabilities"
    : "logits";
}
