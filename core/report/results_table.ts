import { describeLoss, isDistilled } from "../train/losses/losses.ts";
import { findFrontier } from "../sweep/frontier.ts";
import type {
  FrontierPoint,
  MonotoneViolation,
  StudyDetails,
} from "../sweep/result.ts";
import {
  formatAccuracy,
  formatCompression,
  formatCount,
  formatDifference,
  formatEstimate,
  formatGoal,
  formatInterval,
} from "../text/format_numbers.ts";
import { formatUnits } from "../text/format_units.ts";
import { listLosses } from "../charts/series.ts";
import { type Column, formatTextTable } from "../text/text_table.ts";

/** What is said of a teacher whose manifest doesn't tell how the data was divided. */
export const UNKNOWN_SPLIT =
  "How the data was divided when the teacher was trained is not recorded: it may have learnt the validation images, and accuracies on them may be too high.";

/** Whether a table is for a terminal or for a page in Markdown. */
export interface TableOptions {
  /** GitHub's Markdown instead of aligned text; false unless given. */
  markdown?: boolean;
}

function right(heading: string): Column {
  return { heading, align: "right" };
}

function left(heading: string): Column {
  return { heading, align: "left" };
}

/**
 * The groups of a study as a table, a line each: hidden units, dropout, loss,
 * parameters, bytes of them as float32, how many times smaller than the teacher,
 * mean validation accuracy, mean test accuracy with its 95% interval, number of
 * seeds. By loss, then hidden units, then dropout.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { formatResultsTable } from "./results_table.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const table = formatResultsTable(makeDetails());
 * assertStringIncludes(table, "74,188    296,752    16.2×");
 * ```
 */
export function formatResultsTable(
  { groups }: StudyDetails,
  options: TableOptions = {},
): string {
  const losses = listLosses(groups);
  const sorted = groups.toSorted((a, b) =>
    losses.indexOf(a.loss) - losses.indexOf(b.loss) ||
    a.hidden - b.hidden || a.dropout - b.dropout
  );
  const columns = [
    right("hidden"),
    right("dropout"),
    left("loss"),
    right("parameters"),
    right("bytes"),
    right("smaller"),
    right("validation"),
    left("test [95% interval]"),
    right("seeds"),
  ];
  const rows = sorted.map((group) => [
    formatCount(group.hidden),
    String(group.dropout),
    group.loss,
    formatCount(group.parameters),
    formatCount(group.bytes),
    formatCompression(group.compression),
    formatAccuracy(group.validation.mean),
    formatEstimate(group.test),
    String(group.seeds.length),
  ]);
  return formatTextTable(columns, rows, options);
}

/**
 * The frontier s(f) as a table: for each accuracy asked for, the smallest
 * students that reach it on validation, and what they score on test.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { formatFrontierTable } from "./results_table.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const table = formatFrontierTable(makeDetails(), { markdown: true });
 * assertStringIncludes(table, "|   ≥ 0.95 |      4 |");
 * ```
 */
export function formatFrontierTable(
  { result }: StudyDetails,
  options: TableOptions = {},
): string {
  const columns = [
    right("accuracy"),
    right("hidden"),
    right("dropout"),
    left("loss"),
    right("parameters"),
    right("bytes"),
    right("smaller"),
    right("validation"),
    left("test [95% interval]"),
  ];
  const rows = result.frontier.map((point) => [
    `≥ ${formatGoal(point.accuracy)}`,
    formatCount(point.hidden),
    String(point.dropout),
    point.loss,
    formatCount(point.parameters),
    formatCount(point.bytes),
    formatCompression(point.compression),
    formatAccuracy(point.validation.mean),
    formatEstimate(point.test),
  ]);
  return formatTextTable(columns, rows, options);
}

/**
 * The answer in lines of text: the smallest model that reaches each accuracy on
 * validation, with its mean test accuracy and 95% interval over seeds; then
 * whether accuracy is monotone in size, with each pair against it.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { formatAnswer } from "./results_table.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const answer = formatAnswer(makeDetails(), 0.97);
 * assertStringIncludes(answer, "smallest model at ≥ 0.97: 6 hidden units, 74,188 parameters");
 * ```
 */
export function formatAnswer(
  details: StudyDetails,
  accuracy: number | readonly number[] = 0.95,
): string {
  const { monotone } = details.result;
  return [
    ...[accuracy].flat().flatMap((goal) => formatSmallest(details, goal)),
    formatMonotone(monotone.violations),
    ...monotone.violations.map((violation) =>
      `  ${formatViolation(violation)}`
    ),
  ].map((line) => `${line}\n`).join("");
}

/**
 * The smallest model that reaches `accuracy` on validation, as a line; where it
 * learnt from labels only, the smallest distilled one as a second.
 */
function formatSmallest(
  { groups }: StudyDetails,
  accuracy: number,
): string[] {
  const goal = `smallest model at ≥ ${formatGoal(accuracy)}`;
  const [found] = findFrontier(groups, [accuracy]);
  if (!found) {
    const best = Math.max(...groups.map(({ validation }) => validation.mean));
    const reason = groups.length > 0
      ? `the best reaches ${formatAccuracy(best)} on validation`
      : "no student has finished";
    return [`${goal}: none: ${reason}`];
  }
  const answer = `${goal}: ${describePoint(found)}`;
  const distilled = groups.filter(({ loss }) => isDistilled(loss));
  if (distilled.length === 0 || isDistilled(found.loss)) return [answer];
  const [second] = findFrontier(distilled, [accuracy]);
  return [
    answer,
    `  of the distilled: ${second ? describePoint(second) : "none"}`,
  ];
}

/** A model of s(f) in words: width, how it was trained, size, test accuracy. */
function describePoint(point: FrontierPoint): string {
  return `${formatUnits(point.hidden)}, ${
    formatCount(point.parameters)
  } parameters, ${formatCount(point.bytes)} bytes (${
    formatCompression(point.compression)
  } smaller), test ${formatEstimate(point.test)}, ${describeLoss(point.loss)}`;
}

/** Whether f1 < f2 implies s(f1) < s(f2), as a line. */
function formatMonotone(violations: MonotoneViolation[]): string {
  if (violations.length === 0) {
    return "monotone: holds: every larger model is more accurate than every smaller one of its kind";
  }
  const pairs = violations.length === 1
    ? "1 pair"
    : `${violations.length} pairs`;
  return `monotone: does not hold: ${pairs} in which the smaller model is at least as accurate`;
}

/** A pair against monotonicity, and whether its interval excludes 0, as a line. */
function formatViolation(
  { smaller, larger, loss, dropout, difference, interval }: MonotoneViolation,
): string {
  return `${smaller} against ${larger} hidden units (${loss}, dropout ${dropout}): ${
    formatDifference(difference)
  } ${formatInterval(interval)}, the interval ${
    excludesZero(interval) ? "excludes" : "includes"
  } 0`;
}

/**
 * Whether 0 lies outside `interval`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { excludesZero } from "./results_table.ts";
 *
 * assertEquals(excludesZero([-0.001, 0.002]), false);
 * ```
 */
export function excludesZero([low, high]: [number, number]): boolean {
  return low > 0 || high < 0;
}
