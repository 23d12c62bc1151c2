import type { SeriesPoint } from "../../core/charts/series_marks.ts";
import type { SitePoint } from "./site_point.ts";

/** A point with where it stands: `x` by `placeOf`, its test accuracy as `y`. */
export type AccuracyPlace = SitePoint & SeriesPoint;

/**
 * `points` at their test accuracy, intervals cut where the chart ends; points
 * without a place are left out.
 */
export function placeAccuracies(
  points: readonly SitePoint[],
  placeOf: (point: SitePoint) => number | null,
  [least, most]: [number, number],
): AccuracyPlace[] {
  const cut = (value: number) => Math.min(most, Math.max(least, value));
  return points.flatMap((point) => {
    const x = placeOf(point);
    if (x === null) return [];
    const { mean, low, high } = point.test;
    const bounds = { low: cut(low), high: cut(high) };
    return [{ ...point, x, y: mean, ...bounds, name: point.title }];
  });
}

/** The least and the most of the points' mean test accuracies. */
export function spanAccuracies(
  points: readonly SitePoint[],
): [number, number] {
  const values = points.map(({ test }) => test.mean);
  return [Math.min(...values), Math.max(...values)];
}
