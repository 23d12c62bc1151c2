import type { Labels } from "../core/data/dataset.ts";

/**
 * The share of `classes` that are the `labels` of the same images.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { measureAccuracy } from "./measure_accuracy.ts";
 *
 * assertEquals(measureAccuracy(Uint16Array.of(7, 2), Uint8Array.of(7, 1)), 0.5);
 * ```
 */
export function measureAccuracy(
  classes: Uint16Array,
  labels: Labels,
): number {
  return classes.filter((answer, image) => answer === labels[image]).length /
    labels.length;
}
