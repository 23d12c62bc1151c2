import { link, type Markish } from "../../core/charts/plot.ts";
import { excludesZero } from "../../core/report/results_table.ts";
import type { MonotoneViolation } from "../../core/sweep/result.ts";
import type { PlacedSeries } from "./sweep_marks.ts";

/** A pair that breaks monotonicity, from the smaller student to the larger. */
export interface PlacedPair {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  /** Whether the interval of the difference excludes 0. */
  sure: boolean;
}

/** The pairs of `violations` whose students `series` shows. */
export function listPairs(
  violations: readonly MonotoneViolation[],
  series: readonly PlacedSeries[],
): PlacedPair[] {
  return violations.flatMap((pair) => {
    const { smaller, larger, loss, dropout, interval } = pair;
    const means = series.find((one) => one.loss === loss)?.means ?? [];
    const find = (hidden: number) =>
      means.find((point) =>
        point.hidden === hidden && point.key.endsWith(`-${dropout}`)
      );
    const [from, to] = [find(smaller), find(larger)];
    if (!from || !to) return [];
    const ends = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
    return [{ ...ends, sure: excludesZero(interval) }];
  });
}

/**
 * Pairs that break monotonicity as bands from the smaller student to the larger,
 * which is no more accurate: those whose interval excludes 0 are darker.
 */
export function violationMarks(
  violations: readonly MonotoneViolation[],
  series: readonly PlacedSeries[],
  apart: number,
): Markish[] {
  return series.flatMap((one, index) => {
    const dx = apart * (index - (series.length - 1) / 2);
    const pairs = listPairs(
      violations.filter(({ loss }) => loss === one.loss),
      [one],
    );
    return [false, true].map((sure) =>
      link(pairs.filter((pair) => pair.sure === sure), {
        x1: "x1",
        y1: "y1",
        x2: "x2",
        y2: "y2",
        dx,
        strokeWidth: 13,
        strokeLinecap: "round",
        className: sure ? "against sure" : "against",
        ariaDescription: sure
          ? "pairs against monotonicity, certain"
          : "pairs against monotonicity",
      })
    );
  });
}
