import type { StudyDetails } from "../sweep/result.ts";
import { cell, renderPlot, text } from "./plot.ts";

const CELL = 48;

/**
 * The confusion matrix of the chosen student, as SVG: how many test images of
 * each class (row) it took for each class (column). Right answers are blue,
 * mistakes vermillion, the more the stronger, by the square root of their
 * share of the largest count of mistakes.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawConfusionMatrix } from "./confusion_matrix.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const svg = drawConfusionMatrix(makeDetails());
 * assertStringIncludes(svg, "<title>Confusion matrix on the test images</title>");
 * ```
 */
export function drawConfusionMatrix({ confusion }: StudyDetails): string {
  const classes = confusion.matrix.map((_, index) => index);
  const cells = confusion.matrix.flatMap((row, actual) =>
    row.map((count, predicted) => ({ actual, predicted, count }))
  );
  const mistakes = cells.filter((one) => one.actual !== one.predicted);
  const right = cells.filter((one) => one.actual === one.predicted);
  const most = Math.max(1, ...mistakes.map(({ count }) => count));
  const at = { x: "predicted", y: "actual", inset: 1 };
  return renderPlot("Confusion matrix on the test images", {
    width: 70 + CELL * classes.length,
    height: 60 + CELL * classes.length,
    marginTop: 44,
    marginLeft: 44,
    marginRight: 16,
    marginBottom: 16,
    x: {
      ...{ type: "band", domain: classes, axis: "top", tickSize: 0 },
      label: "predicted class",
    },
    y: {
      ...{ type: "band", domain: classes, tickSize: 0 },
      label: "true class",
    },
    marks: [
      cell(right, {
        ...{ ...at, fill: "#0072b2", fillOpacity: 0.25 },
        ariaDescription: "right",
      }),
      cell(mistakes, {
        ...{ ...at, fill: "#d55e00" },
        fillOpacity: ({ count }) => 0.04 + 0.61 * Math.sqrt(count / most),
        opacity: 1,
        ariaDescription: "mistakes",
      }),
      text(cells, {
        ...{ x: "predicted", y: "actual", ariaDescription: "counts" },
        text: ({ count }) => count === 0 ? "" : String(count),
      }),
    ],
  });
}
