import { frameOptions } from "../../core/charts/chart_frame.ts";
import { formatTickCount } from "../../core/text/format_numbers.ts";
import type { PlotOptions } from "../../core/charts/plot.ts";
import { accuracyScale, magnitudeScale } from "../../core/charts/scales.ts";
import { spanAccuracies } from "./accuracy_places.ts";
import type { ChartData } from "./chart_data.ts";
import type { ChartSize } from "./chart_size.ts";
import { fileMarks, listBestFiles } from "./file_marks.ts";
import { nameLines } from "./line_names.ts";
import { nameSeries, placeSeries, sweepMarks } from "./sweep_marks.ts";
import { teacherMarks } from "./teacher_marks.ts";

/** Test accuracy against parameters: the sweep's means, files, the teacher. */
export function parametersChart(
  data: ChartData,
  size: ChartSize,
): PlotOptions {
  // Files of students have the parameters of the series' points.
  const { series, files, teacher, testImages } = data;
  const groups = series.flatMap((one) => one.groups);
  const shown = [...groups, ...files, teacher];
  const span = spanAccuracies(shown);
  const scales = {
    x: magnitudeScale(
      shown.flatMap(({ parameters }) => parameters ?? []),
      formatTickCount,
      size.narrow ? 6 : 16,
    ),
    y: accuracyScale(span, testImages),
  };
  const placed = placeSeries(series, ({ parameters }) => parameters, span);
  const placedFiles = files.flatMap((file) =>
    file.parameters === null
      ? []
      : [{ ...file, x: file.parameters, y: file.test.mean }]
  );
  const best = listBestFiles(placedFiles, ({ x }) => x);
  const star = { x: teacher.parameters ?? 0, y: teacher.test.mean };
  return {
    ...frameOptions(size.frame, size.width, size.height),
    x: { ...scales.x, label: "parameters" },
    y: { ...scales.y, label: "test accuracy" },
    marks: [
      ...sweepMarks(placed, 0),
      ...fileMarks(placedFiles, best),
      ...teacherMarks(teacher, star),
      ...nameLines(
        [
          ...nameSeries(placed, size),
          { name: "compact files", className: "files", points: best },
        ],
        [...placed.flatMap(({ means }) => means), ...placedFiles, star],
        { scales, size },
      ),
    ],
  };
}
