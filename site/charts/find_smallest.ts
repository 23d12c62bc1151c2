import type { SitePoint } from "./site_point.ts";

/** Far below one image in any validation set: what a mean over seeds may lose. */
const ROUNDING = 1e-9;

/** The smallest models that reach an accuracy. */
export interface Smallest {
  /** Of `.dram` files, by their length; null where none reaches it. */
  file: SitePoint | null;
  /** Of the sweep's students, by their float32 parameters, means over seeds. */
  group: SitePoint | null;
}

/**
 * s(f) by bytes and by hidden units: the smallest file, and the smallest student of
 * the sweep, whose validation accuracy is ≥ `accuracy`. Of equal sizes the more
 * accurate on validation; test accuracies decide nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findSmallest } from "./find_smallest.ts";
 *
 * const file = (bytes: number, mean: number) => ({
 *   ...{ key: `${bytes}`, kind: "file" as const, title: "", hidden: null, loss: null, seeds: [] },
 *   ...{ parameters: 9, bytes, model: null, note: null },
 *   ...{ validation: { mean, low: mean, high: mean }, test: { mean, low: mean, high: mean } },
 * });
 * const { file: found, group } = findSmallest([file(500, 0.98), file(250, 0.96)], 0.97);
 * assertEquals([found?.bytes, group], [500, null]);
 * ```
 */
export function findSmallest(
  points: readonly SitePoint[],
  accuracy: number,
): Smallest {
  const find = (kind: SitePoint["kind"]) =>
    points.reduce<SitePoint | null>((best, point) => {
      const { validation } = point;
      if (point.kind !== kind || !validation) return best;
      if (validation.mean < accuracy - ROUNDING) return best;
      if (!best || point.bytes < best.bytes) return point;
      const isBetter = point.bytes === best.bytes &&
        validation.mean > (best.validation?.mean ?? 0);
      return isBetter ? point : best;
    }, null);
  return { file: find("file"), group: find("group") };
}
