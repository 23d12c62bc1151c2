import { frameOptions } from "../../core/charts/chart_frame.ts";
import { formatTickBytes } from "../../core/text/format_numbers.ts";
import type { PlotOptions } from "../../core/charts/plot.ts";
import { publishedMarks } from "../../core/charts/published_marks.ts";
import { accuracyScale, magnitudeScale } from "../../core/charts/scales.ts";
import { spanAccuracies } from "./accuracy_places.ts";
import type { ChartData } from "./chart_data.ts";
import { CHARACTER, type ChartSize } from "./chart_size.ts";
import { fileMarks, listBestFiles, studentFileMarks } from "./file_marks.ts";
import { nameLines } from "./line_names.ts";
import { labelPublished } from "./label_published.ts";
import { nameSeries, placeSeries, sweepMarks } from "./sweep_marks.ts";
import type { SitePoint } from "./site_point.ts";
import { teacherMarks } from "./teacher_marks.ts";

/**
 * Test accuracy against bytes: files by their length, the sweep's students and the
 * teacher by their float32 parameters, published models as published.
 */
export function bytesChart(data: ChartData, size: ChartSize): PlotOptions {
  const { series, files, studentFiles, teacher } = data;
  const { published, testImages } = data;
  const groups = series.flatMap((one) => one.groups);
  const shown = [
    ...[...groups, ...files, ...studentFiles, teacher],
    ...published.map(({ point }) => point),
  ];
  const span = spanAccuracies(shown);
  const scales = {
    x: magnitudeScale(
      shown.map(({ bytes }) => bytes),
      formatTickBytes,
      size.narrow ? 6 : 16,
    ),
    y: accuracyScale(span, testImages),
  };
  const placed = placeSeries(series, ({ bytes }) => bytes, span);
  const place = (file: SitePoint) => ({
    ...{ ...file, x: file.bytes, y: file.test.mean },
  });
  const placedFiles = files.map(place);
  const placedStudents = studentFiles.map(place);
  const best = listBestFiles(placedFiles);
  const star = { x: teacher.bytes, y: teacher.test.mean };
  const marks = [
    ...placed.flatMap(({ means }) => means),
    ...[...placedFiles, ...placedStudents, star],
  ];
  const lines = [
    ...nameSeries(placed, size),
    { name: "our .dram files", className: "files", points: best },
    {
      ...{ name: "students' files", className: "students" },
      points: placedStudents.slice(0, 6),
    },
  ];
  return {
    ...frameOptions(size.frame, size.width, size.height),
    x: { ...scales.x, label: "bytes" },
    y: { ...scales.y, label: "test accuracy" },
    marks: [
      ...publishedMarks(({ bytes, accuracy }) => ({ x: bytes, y: accuracy }), {
        ...{ scales, frame: size.frame, marks, line: best },
        ...{ className: "published", character: CHARACTER },
        ...{
          labelOf: labelPublished(data),
          names: size.narrow ? "clear" : "clean",
        },
      }, published.map(({ model }) => model)),
      ...sweepMarks(placed, 0),
      studentFileMarks(placedStudents),
      ...fileMarks(placedFiles, best),
      ...teacherMarks(teacher, star),
      ...nameLines(lines, marks, { scales, size }),
    ],
  };
}
