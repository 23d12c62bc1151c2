import { stringify } from "npm:deno-std@1.4.0/csv/stringify.js";
import type { SitePoint } from "./site_point.ts";

const COLUMNS = [
  "key",
  "kind",
  "title",
  "hidden",
  "loss",
  "seeds",
  "parameters",
  "bytes",
  "validation",
  "validation_low",
  "validation_high",
  "test",
  "test_low",
  "test_high",
  "model",
  "note",
];

/** A number to six decimals at most, empty where there is none. */
function formatNumber(value: number | null | undefined): string {
  return value === null || value === undefined
    ? ""
    : String(Number(value.toFixed(6)));
}

/**
 * Points of the charts as CSV of RFC 4180, a line each under a line of headings.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { formatPoints } from "./format_points.ts";
 *
 * const exactly = (mean: number) => ({ mean, low: mean, high: mean });
 * const text = formatPoints([{
 *   ...{ key: "published-0", kind: "published", title: "LeNet, \"5\"", hidden: null },
 *   ...{ loss: null, seeds: [], parameters: null, bytes: 1527, model: null, note: null },
 *   ...{ validation: null, test: exactly(0.9915) },
 * }]);
 * assertStringIncludes(text, `published-0,published,"LeNet, ""5""",,,,,1527,,,,0.9915,`);
 * ```
 */
export function formatPoints(points: readonly SitePoint[]): string {
  const rows = points.map((point) => [
    point.key,
    point.kind,
    point.title,
    formatNumber(point.hidden),
    point.loss ?? "",
    point.seeds.join(" "),
    formatNumber(point.parameters),
    formatNumber(point.bytes),
    formatNumber(point.validation?.mean),
    formatNumber(point.validation?.low),
    formatNumber(point.validation?.high),
    formatNumber(point.test.mean),
    formatNumber(point.test.low),
    formatNumber(point.test.high),
    point.model ?? "",
    point.note ?? "",
  ]);
  return stringify([COLUMNS, ...rows], { crlf: true });
}
