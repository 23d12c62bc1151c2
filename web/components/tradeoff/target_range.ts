/** Accuracies that can be asked for. */
export const TARGET = { min: 0.9, max: 0.995, step: 0.0005, start: 0.95 };

/**
 * The accuracy that can be asked for and is nearest to `accuracy`; the first one to
 * show where that is no number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { roundTarget } from "./target_range.ts";
 *
 * assertEquals([0.9731, 2, NaN].map(roundTarget), [0.973, 0.995, 0.95]);
 * ```
 */
export function roundTarget(accuracy: number): number {
  if (Number.isNaN(accuracy)) return TARGET.start;
  const { min, max, step } = TARGET;
  const within = Math.min(max, Math.max(min, accuracy));
  return Number((Math.round(within / step) * step).toFixed(4));
}

/** Where an axis of accuracies lies: from `left` to `right` pixels, `low` to `high` nines. */
export interface AccuracyAxis {
  left: number;
  right: number;
  low: number;
  high: number;
}

/**
 * The place of `accuracy` on `axis`, in its pixels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { placeAccuracy } from "./target_range.ts";
 *
 * assertEquals(placeAccuracy(0.9, { left: 0, right: 100, low: 0, high: 2 }), 50);
 * ```
 */
export function placeAccuracy(
  accuracy: number,
  { left, right, low, high }: AccuracyAxis,
): number {
  const nines = -Math.log10(1 - accuracy);
  return left + (nines - low) / (high - low) * (right - left);
}

/**
 * The accuracy at the place `x` of `axis`.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { readAccuracy } from "./target_range.ts";
 *
 * assertAlmostEquals(readAccuracy(50, { left: 0, right: 100, low: 0, high: 2 }), 0.9);
 * ```
 */
export function readAccuracy(
  x: number,
  { left, right, low, high }: AccuracyAxis,
): number {
  return 1 - 10 ** -(low + (x - left) / (right - left) * (high - low));
}
