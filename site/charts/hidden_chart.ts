import { formatAccuracy } from "../../core/text/format_numbers.ts";
import { frameOptions } from "../../core/charts/chart_frame.ts";
import { type PlotOptions, ruleY, text } from "../../core/charts/plot.ts";
import { accuracyScale, widthScale } from "../../core/charts/scales.ts";
import { placeAccuracies, spanAccuracies } from "./accuracy_places.ts";
import type { ChartData } from "./chart_data.ts";
import type { ChartSize } from "./chart_size.ts";
import { nameLines } from "./line_names.ts";
import { nameSeries, placeSeries, sweepMarks } from "./sweep_marks.ts";
import { listPairs, violationMarks } from "./violation_marks.ts";

/**
 * Test accuracy against hidden units: a series a loss, every student, pairs that
 * break monotonicity marked.
 */
export function hiddenChart(data: ChartData, size: ChartSize): PlotOptions {
  const { series, teacher, testImages, violations } = data;
  const points = series.flatMap(({ groups, students }) => [
    ...groups,
    ...students,
  ]);
  const span = spanAccuracies([...points, teacher]);
  const hidden = points.flatMap((point) => point.hidden ?? []);
  const scales = {
    x: widthScale(hidden, size.narrow ? 12 : 26),
    y: accuracyScale(span, testImages),
  };
  const placed = placeSeries(series, (point) => point.hidden, span);
  const places = placed.flatMap(({ means }) => means);
  const apart = size.narrow ? 3 : 6;
  return {
    ...frameOptions(size.frame, size.width, size.height),
    x: { ...scales.x, label: "hidden units" },
    y: { ...scales.y, label: "test accuracy" },
    marks: [
      ruleY([teacher.test.mean], {
        ...{ className: "teacher", strokeDasharray: "2 4" },
        ariaDescription: "teacher: rule",
      }),
      text([`teacher ${formatAccuracy(teacher.test.mean)}`], {
        ...{ frameAnchor: "left", y: teacher.test.mean, dx: 6, dy: -9 },
        ...{ className: "teacher", ariaDescription: "teacher" },
      }),
      ...violationMarks(violations, placed, apart),
      ...sweepMarks(
        placed,
        apart,
        ({ students }) => placeAccuracies(students, (at) => at.hidden, span),
      ),
      ...nameLines(
        [
          ...nameSeries(placed, size).map((line, index) => ({
            ...line,
            dx: apart * (index - (series.length - 1) / 2),
          })),
          {
            ...{ name: "not monotone", className: "against-name" },
            points: listPairs(violations, placed).flatMap((
              { x1, y1, x2, y2 },
            ) => [
              { x: x1, y: y1 },
              { x: x2, y: y2 },
            ]),
          },
        ],
        places,
        { scales, size },
      ),
    ],
  };
}
