import { isDistilled } from "../train/losses/losses.ts";
import type { StudentGroup, StudyDetails } from "../sweep/result.ts";
import { listSeries } from "../charts/series.ts";

/** Students of one width, distilled and from labels only. */
export interface Comparison {
  hidden: number;
  parameters: number;
  bytes: number;
  compression: number;
  /** The distilled group, of several the best on validation. */
  distilled?: StudentGroup;
  /** The group that learnt from labels only. */
  labelsOnly?: StudentGroup;
}

/**
 * The groups of each width side by side, ascending in width. Where a width has
 * several dropout rates, or several losses that distil, the best on validation
 * stands for them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compareLosses } from "./compare_losses.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const [row] = compareLosses(makeDetails());
 * assertEquals([row.hidden, row.distilled?.loss], [1, "logit-mse"]);
 * ```
 */
export function compareLosses(details: StudyDetails): Comparison[] {
  const rows = new Map<number, Comparison>();
  for (const { loss, groups } of listSeries(details)) {
    for (const group of groups) {
      const { hidden, parameters, bytes, compression } = group;
      const row = rows.get(hidden) ??
        { hidden, parameters, bytes, compression };
      rows.set(hidden, row);
      if (!isDistilled(loss)) row.labelsOnly = group;
      else if (
        !row.distilled || group.validation.mean > row.distilled.validation.mean
      ) row.distilled = group;
    }
  }
  return [...rows.values()].sort((a, b) => a.hidden - b.hidden);
}
