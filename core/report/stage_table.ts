import type { StageReport } from "../compress/pipeline/stage_report.ts";
import {
  formatAccuracy,
  formatCompression,
  formatCount,
} from "../text/format_numbers.ts";
import type { TableOptions } from "./results_table.ts";
import { type Column, formatTextTable } from "../text/text_table.ts";

/** What a table calls each stage. */
const NAMES: Record<StageReport["stage"], string> = {
  start: "as it came",
  exact: "exact pruning",
  tune: "retraining",
  thin: "filters and units",
  prune: "magnitude pruning",
  share: "shared weights",
  quantise: "quantisation",
  code: "as written",
};

function right(heading: string): Column {
  return { heading, align: "right" };
}

/**
 * A compression stage by stage, a line each: parameters, those that are not 0, bits of
 * the file a parameter, bytes of the file, how many times smaller than the teacher's
 * parameters and than the model's own as float32, accuracy on validation and, where
 * it has been read, on test, seconds.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { formatStageTable } from "./stage_table.ts";
 *
 * const table = formatStageTable([{
 *   stage: "share",
 *   parameters: 1000,
 *   nonZeros: 80,
 *   bitsPerWeight: 0.8,
 *   bytes: 100,
 *   compression: { teacher: 47995.28, own: 40 },
 *   validation: { accuracy: 0.98, loss: 0.1 },
 *   seconds: 12.34,
 * }]);
 * assertStringIncludes(table, "shared weights       1,000         80         0.80    100       47,995×         40.0×");
 * ```
 */
export function formatStageTable(
  reports: StageReport[],
  options: TableOptions = {},
): string {
  const columns: Column[] = [
    { heading: "stage", align: "left" },
    ...["parameters", "non-zeros", "bits/weight", "bytes"].map(right),
    ...["than teacher", "than float32"].map(right),
    ...["validation", "test", "seconds"].map(right),
  ];
  const rows = reports.map((report) => [
    NAMES[report.stage],
    formatCount(report.parameters),
    formatCount(report.nonZeros),
    report.bitsPerWeight.toFixed(2),
    formatCount(report.bytes),
    formatCompression(report.compression.teacher),
    formatCompression(report.compression.own),
    formatAccuracy(report.validation.accuracy),
    report.test ? formatAccuracy(report.test.accuracy) : "",
    report.seconds.toFixed(1),
  ]);
  return formatTextTable(columns, rows, options);
}
