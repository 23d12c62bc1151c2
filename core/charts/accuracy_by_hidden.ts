import type { StudyDetails } from "../sweep/result.ts";
import { accuracyMarks } from "./accuracy_marks.ts";
import { formatAccuracy } from "../text/format_numbers.ts";
import { renderPlot, ruleY, text } from "./plot.ts";
import { widthScale } from "./scales.ts";

/**
 * Test accuracy against hidden units, as SVG: a series a loss, means over seeds
 * with 95% intervals, single seeds as faint dots, the teacher as a dashed rule.
 * Both axes are logarithmic, the accuracy's in the error rate.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawAccuracyByHidden } from "./accuracy_by_hidden.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const svg = drawAccuracyByHidden(makeDetails());
 * assertStringIncludes(svg, "<title>Test accuracy against hidden units</title>");
 * ```
 */
export function drawAccuracyByHidden(details: StudyDetails): string {
  const { accuracy } = details.result.teacher;
  const { marks, scale } = accuracyMarks(details, ({ hidden }) => hidden);
  return renderPlot("Test accuracy against hidden units", {
    x: {
      ...widthScale(details.groups.map(({ hidden }) => hidden)),
      label: "hidden units",
    },
    y: { ...scale, label: "test accuracy" },
    marks: [
      ...marks,
      ruleY([accuracy.test], { strokeDasharray: "5 4", strokeOpacity: 0.7 }),
      text([`teacher ${formatAccuracy(accuracy.test)}`], {
        ...{ frameAnchor: "left", y: accuracy.test, dx: 8, dy: 10 },
        ariaDescription: "teacher",
      }),
    ],
  });
}
