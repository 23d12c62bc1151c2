import type { StudyDetails } from "../sweep/result.ts";
import { accuracyMarks } from "./accuracy_marks.ts";
import { formatAccuracy, formatCount } from "../text/format_numbers.ts";
import { dot, renderPlot, text } from "./plot.ts";
import { magnitudeScale } from "./scales.ts";

/**
 * Test accuracy against parameters, as SVG: a series a loss, means over seeds
 * with 95% intervals, single seeds as faint dots, the teacher as a point. Both
 * axes are logarithmic, the accuracy's in the error rate.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawAccuracyByParameters } from "./accuracy_by_parameters.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const svg = drawAccuracyByParameters(makeDetails());
 * assertStringIncludes(svg, "<title>Test accuracy against parameters</title>");
 * ```
 */
export function drawAccuracyByParameters(details: StudyDetails): string {
  const { teacher } = details.result;
  const { marks, scale } = accuracyMarks(
    details,
    ({ parameters }) => parameters,
  );
  const point = [{ x: teacher.parameters, y: teacher.accuracy.test }];
  const sizes = details.groups.map(({ parameters }) => parameters);
  return renderPlot("Test accuracy against parameters", {
    x: {
      ...magnitudeScale([...sizes, teacher.parameters], formatCount),
      label: "parameters",
    },
    y: { ...scale, label: "test accuracy" },
    marks: [
      ...marks,
      dot(point, {
        ...{ x: "x", y: "y", r: 6, symbol: "star", fill: "currentColor" },
        ariaDescription: "teacher: point",
      }),
      text(point, {
        text: () => `teacher ${formatAccuracy(teacher.accuracy.test)}`,
        ...{ x: "x", y: "y", dy: 20, dx: 20, textAnchor: "end" },
        ariaDescription: "teacher",
      }),
    ],
  });
}
