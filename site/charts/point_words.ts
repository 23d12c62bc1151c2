import {
  formatAccuracy,
  formatBytes,
  formatCount,
  formatEstimate,
} from "../../core/text/format_numbers.ts";
import type { SitePoint } from "./site_point.ts";

/** What the bytes of a point count, in words. */
export function describeBytes({ kind, bytes }: SitePoint): string {
  if (kind === "file") return `${formatCount(bytes)} bytes, the whole file`;
  if (kind === "published") return `${formatBytes(bytes)} as published`;
  return `${formatBytes(bytes)} as float32`;
}

/** Which seeds a point is of, in words; empty where that is unknown. */
function describeSeeds({ seeds }: SitePoint): string {
  if (seeds.length === 0) return "";
  if (seeds.length === 1) return `seed ${seeds[0]}`;
  return `mean of ${seeds.length} seeds`;
}

/**
 * A point of the charts in one line of words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describePoint } from "./point_words.ts";
 *
 * const exactly = (mean: number) => ({ mean, low: mean, high: mean });
 * const text = describePoint({
 *   ...{ key: "teacher", kind: "teacher", title: "the teacher", hidden: null, loss: null },
 *   ...{ seeds: [], parameters: 1_199_882, bytes: 4_799_528, model: null, note: null },
 *   ...{ validation: exactly(0.9928), test: exactly(0.994) },
 * });
 * assertEquals(
 *   text,
 *   "the teacher: test 0.9940, validation 0.9928; 1,199,882 parameters, 4.80 MB as float32",
 * );
 * ```
 */
export function describePoint(point: SitePoint): string {
  const { title, validation, test, parameters } = point;
  const scores = [
    `test ${formatEstimate(test)}`,
    validation && `validation ${formatAccuracy(validation.mean)}`,
  ];
  const size = [
    parameters !== null && `${formatCount(parameters)} parameters`,
    describeBytes(point),
  ];
  const name = [title, describeSeeds(point)];
  return `${joinParts(name)}: ${joinParts(scores)}; ${joinParts(size)}`;
}

function joinParts(parts: (string | false | null)[]): string {
  return parts.filter(Boolean).join(", ");
}
