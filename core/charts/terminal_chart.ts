import { styleText } from "node:util";
import { plot } from "npm:simple-ascii-chart@5.4.0";
import type { StudyDetails } from "../sweep/result.ts";
import { formatAccuracy } from "../text/format_numbers.ts";
import { accuracyOfNines, accuracyTicks, countNines } from "./scales.ts";
import { listSeries } from "./series.ts";

/** How a terminal chart looks. */
export interface TerminalChartOptions {
  /** Columns of the terminal; 80 unless given. */
  columns?: number;
  /** ANSI colours as well as symbols; false unless given. */
  colour?: boolean;
}

const SYMBOLS = ["●", "○", "■", "□"];
const COLOURS = ["cyan", "yellow", "green", "magenta"] as const;

/**
 * Mean test accuracy against hidden units as a chart of text: a symbol a loss,
 * the teacher as a line, widths evenly spaced, accuracy logarithmic in the error
 * rate.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawTerminalChart } from "./terminal_chart.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const chart = drawTerminalChart(makeDetails());
 * assertStringIncludes(chart, "┄ teacher 0.9931");
 * ```
 */
export function drawTerminalChart(
  details: StudyDetails,
  { columns = 80, colour = false }: TerminalChartOptions = {},
): string {
  const { teacher, dataset } = details.result;
  const series = listSeries(details);
  const widths = [...new Set(details.groups.map(({ hidden }) => hidden))]
    .sort((a, b) => a - b);
  const symbols = series.map((_, index) => {
    const [symbol, name] = [SYMBOLS[index % 4], COLOURS[index % 4]];
    return colour ? styleText(name, symbol, { validateStream: false }) : symbol;
  });
  const nines = (accuracy: number) => countNines(accuracy, dataset.test);
  const points = series.map(({ groups }) =>
    groups.map(({ hidden, test }): [number, number] => [
      widths.indexOf(hidden),
      nines(test.mean),
    ])
  );
  const room = Math.min(80, columns) - 10;
  const step = Math.max(2, Math.floor(room / Math.max(1, widths.length - 1)));
  const accuracies = [
    ...details.groups.map(({ test }) => test.mean),
    teacher.accuracy.test,
  ];
  const chart = plot(points.toReversed(), {
    // Whole columns between widths, so that symbols stand on their ticks.
    width: step * Math.max(1, widths.length - 1) + 1,
    height: 14,
    yRange: [
      Math.min(...accuracies.map(nines)),
      Math.max(...accuracies.map(nines)),
    ],
    customXAxisTicks: widths.map((_, index) => index),
    customYAxisTicks: accuracyTicks(accuracies).map(nines),
    formatter: (value, { axis }) =>
      axis === "x"
        ? widths[value] ?? ""
        : Number(accuracyOfNines(value).toFixed(4)),
    thresholds: [{ y: nines(teacher.accuracy.test) }],
    symbols: { thresholds: { x: "┄" } },
    lineFormatter: ({ x, y, plotX, plotY }) => ({
      x: plotX,
      y: plotY,
      symbol: symbols[findSeries(points, x, y)],
    }),
  });
  const key = series.map(({ title }, index) => `${symbols[index]} ${title}`);
  return [
    "test accuracy against hidden units",
    ...chart.split("\n").map((line) => line.trimEnd()).filter(Boolean),
    [...key, `┄ teacher ${formatAccuracy(teacher.accuracy.test)}`].join("   "),
  ].map((line) => `${line}\n`).join("");
}

/** Which of `points`'s lines goes through (x, y). */
function findSeries(
  points: [number, number][][],
  x: number,
  y: number,
): number {
  return points.findIndex((line) =>
    line.some((point) => point[0] === x && point[1] === y)
  );
}
