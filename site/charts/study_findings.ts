import { describeLoss, isDistilled } from "../../core/train/losses/losses.ts";
import { excludesZero } from "../../core/report/results_table.ts";
import type { SiteStudy } from "../site_data.ts";
import type { SitePoint } from "./site_point.ts";

/** How students that learnt by a loss do beside those that learnt from labels only. */
export interface LossFinding {
  /** The loss in words. */
  title: string;
  /** Widths at which both are there. */
  widths: number;
  /** Widths at which the distilled are more accurate on test, means over seeds. */
  better: number;
}

/** Compares each loss that distils with labels only, width by width. */
export function compareWithLabels(
  points: readonly SitePoint[],
): LossFinding[] {
  const groups = points.flatMap(({ kind, loss, ...point }) =>
    kind === "group" && loss !== null ? [{ ...point, loss }] : []
  );
  const labels = new Map(
    groups.filter(({ loss }) => !isDistilled(loss))
      .map(({ hidden, test }) => [hidden, test.mean]),
  );
  const byLoss = Map.groupBy(
    groups.filter(({ loss }) => isDistilled(loss)),
    ({ loss }) => loss,
  );
  return [...byLoss].map(([loss, distilled]) => {
    const both = distilled.filter(({ hidden }) => labels.has(hidden));
    const better = both.filter(({ hidden, test }) =>
      test.mean > (labels.get(hidden) ?? 1)
    );
    return {
      title: describeLoss(loss),
      widths: both.length,
      better: better.length,
    };
  }).filter(({ widths }) => widths > 0);
}

/**
 * The published models that one of our files beats: it is smaller, and no less
 * accurate on test.
 */
export function listBeaten(points: readonly SitePoint[]): SitePoint[] {
  const files = points.filter(({ kind }) => kind === "file");
  return points.filter(({ kind }) => kind === "published").filter((published) =>
    files.some(({ bytes, test }) =>
      bytes < published.bytes && test.mean >= published.test.mean
    )
  );
}

/** How many pairs of students break monotonicity, and how many of them for certain. */
export function countViolations(
  { result: { monotone } }: SiteStudy,
): { pairs: number; sure: number } {
  const { violations } = monotone;
  const sure = violations.filter(({ interval }) => excludesZero(interval));
  return { pairs: violations.length, sure: sure.length };
}
