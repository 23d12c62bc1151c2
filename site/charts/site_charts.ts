import { frameOptions } from "../../core/charts/chart_frame.ts";
import { labelPoints } from "../../core/charts/label_points.ts";
import {
  dot,
  type Markish,
  type PlotOptions,
  renderPagePlot,
  ruleY,
  text,
} from "../../core/charts/plot.ts";
import { publishedMarks } from "../../core/charts/published_marks.ts";
import {
  accuracyScale,
  magnitudeScale,
  widthScale,
} from "../../core/charts/scales.ts";
import {
  formatAccuracy,
  formatTickBytes,
  formatTickCount,
} from "../../core/text/format_numbers.ts";
import type { SiteModel, SiteStudy } from "../site_data.ts";
import { placeAccuracies, spanAccuracies } from "./accuracy_places.ts";
import { type ChartData, gatherChartData } from "./chart_data.ts";
import { CHARACTER, type ChartSize, NARROW, TALL, WIDE } from "./chart_size.ts";
import { fileMarks, listBestFiles, studentFileMarks } from "./file_marks.ts";
import { labelPoint } from "./label_point.ts";
import { labelPublished } from "./label_published.ts";
import { nameLines } from "./line_names.ts";
import type { SiteChart } from "./site_chart.ts";
import type { SitePoint } from "./site_point.ts";
import { sizeChart } from "./size_chart.ts";
import { stepsChart } from "./steps_chart.ts";
import { nameSeries, placeSeries, sweepMarks } from "./sweep_marks.ts";
import { listPairs, violationMarks } from "./violation_marks.ts";

/** The teacher as a star with its name, at the right end of a chart. */
function teacherMarks(
  teacher: SitePoint,
  place: { x: number; y: number },
): Markish[] {
  const at = { x: "x", y: "y", className: "teacher" };
  return [
    dot([place], {
      ...at,
      r: 6,
      symbol: "star",
      fill: "currentColor",
      render: labelPoints([labelPoint(teacher)]),
      ariaDescription: "teacher: point",
    }),
    text([place], {
      ...at,
      dy: 18,
      dx: 6,
      textAnchor: "end",
      text: () => "teacher",
      ariaDescription: "teacher",
    }),
  ];
}

/** Test accuracy against parameters: the sweep's means, files, the teacher. */
function parametersChart(
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

/**
 * Test accuracy against hidden units: a series a loss, every student, pairs that
 * break monotonicity marked.
 */
function hiddenChart(data: ChartData, size: ChartSize): PlotOptions {
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
        className: "teacher",
        strokeDasharray: "2 4",
        ariaDescription: "teacher: rule",
      }),
      text([`teacher ${formatAccuracy(teacher.test.mean)}`], {
        frameAnchor: "left",
        y: teacher.test.mean,
        dx: 6,
        dy: -9,
        className: "teacher",
        ariaDescription: "teacher",
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
            name: "not monotone",
            className: "against-name",
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

/**
 * Test accuracy against bytes: files by their length, the sweep's students and the
 * teacher by their float32 parameters, published models as published.
 */
function bytesChart(data: ChartData, size: ChartSize): PlotOptions {
  const { series, files, studentFiles, teacher } = data;
  const { published, testImages } = data;
  const groups = series.flatMap((one) => one.groups);
  const shown = [
    ...groups,
    ...files,
    ...studentFiles,
    teacher,
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
    ...file,
    x: file.bytes,
    y: file.test.mean,
  });
  const placedFiles = files.map(place);
  const placedStudents = studentFiles.map(place);
  const best = listBestFiles(placedFiles);
  const star = { x: teacher.bytes, y: teacher.test.mean };
  const marks = [
    ...placed.flatMap(({ means }) => means),
    ...placedFiles,
    ...placedStudents,
    star,
  ];
  const lines = [
    ...nameSeries(placed, size),
    { name: "our .dram files", className: "files", points: best },
    {
      name: "students' files",
      className: "students",
      points: placedStudents.slice(0, 6),
    },
  ];
  return {
    ...frameOptions(size.frame, size.width, size.height),
    x: { ...scales.x, label: "bytes" },
    y: { ...scales.y, label: "test accuracy" },
    marks: [
      ...publishedMarks(({ bytes, accuracy }) => ({ x: bytes, y: accuracy }), {
        scales,
        frame: size.frame,
        marks,
        line: best,
        className: "published",
        character: CHARACTER,
        labelOf: labelPublished(data),
        names: size.narrow ? "clear" : "clean",
      }, published.map(({ model }) => model)),
      ...sweepMarks(placed, 0),
      studentFileMarks(placedStudents),
      ...fileMarks(placedFiles, best),
      ...teacherMarks(teacher, star),
      ...nameLines(lines, marks, { scales, size }),
    ],
  };
}

const NINES = "The axis of accuracy is logarithmic in the error rate.";

/** A chart with what stands around it. */
interface ChartPlan {
  name: string;
  title: string;
  caption: string;
  /** Its size in a wide column. */
  size: ChartSize;
  draw: (data: ChartData, size: ChartSize) => PlotOptions;
}

function planCharts({ violations, published }: ChartData): ChartPlan[] {
  const references = published.length === 0 ? ["", ""] : [
    "Triangles are published models at their test accuracy, filled where they were chosen apart from the test set. ",
    "; published models as triangles, sizes as published",
  ];
  const pairs = violations.length === 0
    ? "No pair breaks monotonicity: every larger student is more accurate than every smaller one of its kind."
    : `Bands join the ${violations.length} ${
      violations.length === 1 ? "pair" : "pairs"
    } in which the smaller student is at least as accurate as the larger.`;
  return [
    {
      name: "steps",
      title: "Smallest size that reaches an accuracy, s(f)",
      caption:
        `For each accuracy on validation images the smallest .dram file that reaches it, and the smallest student of the sweep, mean over seeds, by its float32 parameters; small dots are students off the frontier, as float32 and as .dram files. ${
          references[0]
        }${NINES}`,
      size: TALL,
      draw: stepsChart,
    },
    {
      name: "bytes",
      title: "Test accuracy against bytes",
      caption:
        `Files by their whole length, those of the sweep's students as small dots; students of the sweep and the teacher by their parameters as float32, bars the 95% intervals over seeds${
          references[1]
        }. ${NINES}`,
      size: TALL,
      draw: bytesChart,
    },
    {
      name: "parameters",
      title: "Test accuracy against parameters",
      caption:
        `Students of the sweep as means over seeds with 95% intervals, compact files, and the teacher. ${NINES}`,
      size: WIDE,
      draw: parametersChart,
    },
    {
      name: "hidden-units",
      title: "Test accuracy against hidden units",
      caption:
        `Large marks are means over seeds, bars their 95% intervals, cut where the chart ends; small dots are single students. The series stand a little apart sideways. ${pairs} ${NINES}`,
      size: WIDE,
      draw: hiddenChart,
    },
    {
      name: "size",
      title: "Size against hidden units",
      caption:
        "All parameters as float32, the teacher's frozen convolutions included. Both axes are logarithmic.",
      size: WIDE,
      draw: sizeChart,
    },
  ];
}

/**
 * The charts of the page on the tradeoff, each for a wide column and for a phone.
 *
 * Colours are the page's: its style sheet gives each class one. Every trial of the
 * study is a point of class `point` with its key as `data-point`, a link to the
 * drawing page where one of `models` runs it. The same study gives the same text.
 */
export function drawSiteCharts(
  study: SiteStudy,
  models: readonly SiteModel[],
): SiteChart[] {
  const data = gatherChartData(study, models);
  return planCharts(data).map(({ name, title, caption, size, draw }) => ({
    name,
    title,
    caption,
    wide: renderPagePlot(title, draw(data, size)),
    narrow: renderPagePlot(title, draw(data, NARROW)),
  }));
}
