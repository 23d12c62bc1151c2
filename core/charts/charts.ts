import type { StudyDetails } from "../sweep/result.ts";
import {
  formatAccuracy,
  formatBytes,
  formatCount,
  formatEstimate,
} from "../text/format_numbers.ts";
import { describeLoss } from "../train/losses/losses.ts";
import { drawFrontierSteps } from "./frontier_steps.ts";
import {
  cell,
  dot,
  line,
  type Markish,
  renderPlot,
  ruleY,
  type ScaleOptions,
  text,
} from "./plot.ts";
import { accuracyScale, magnitudeScale, widthScale } from "./scales.ts";
import { listLosses, listSeries } from "./series.ts";
import { seriesMarks } from "./series_marks.ts";
import { drawTrainingCurves } from "./training_curves.ts";

/**
 * Bytes of the float32 parameters against hidden units, as SVG, the teacher's
 * as a dashed rule. Both axes are logarithmic.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawSizeByHidden } from "./charts.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const svg = drawSizeByHidden(makeDetails());
 * assertStringIncludes(svg, "<title>Size against hidden units</title>");
 * ```
 */
export function drawSizeByHidden(details: StudyDetails): string {
  const { teacher } = details.result;
  const sizes = [
    ...new Map(details.groups.map(({ hidden, bytes }) => [hidden, bytes])),
  ].sort(([a], [b]) => a - b).map(([hidden, bytes]) => ({ hidden, bytes }));
  const at = { x: "hidden", y: "bytes" };
  return renderPlot("Size against hidden units", {
    height: 380,
    x: {
      ...widthScale(sizes.map(({ hidden }) => hidden)),
      label: "hidden units",
    },
    y: {
      ...magnitudeScale(
        [...sizes.map(({ bytes }) => bytes), teacher.bytes],
        formatBytes,
      ),
      label: "size of the parameters as float32",
    },
    marks: [
      line(sizes, { ...at, stroke: "#0072b2", strokeWidth: 1.75 }),
      dot(sizes, { ...at, r: 4.5, fill: "#0072b2", ariaDescription: "sizes" }),
      text(sizes, {
        ...at,
        dx: 9,
        dy: 10,
        textAnchor: "start",
        text: ({ bytes }) => formatBytes(bytes),
        ariaDescription: "size labels",
      }),
      ruleY([teacher.bytes], { strokeDasharray: "5 4", strokeOpacity: 0.7 }),
      text([`teacher ${formatBytes(teacher.bytes)}`], {
        frameAnchor: "left",
        y: teacher.bytes,
        dx: 8,
        dy: 12,
        ariaDescription: "teacher",
      }),
    ],
  });
}

const CELL = 48;
/** The most classes that a confusion matrix shows. */
const MOST_CONFUSED = 30;

/** The classes that the matrix shows, in their order: those with the most mistakes where there are too many. */
function mostConfused(matrix: readonly number[][]): number[] {
  const classes = matrix.map((_, index) => index);
  if (classes.length <= MOST_CONFUSED) return classes;
  const mistakes = new Float64Array(classes.length);
  for (const [actual, row] of matrix.entries()) {
    for (const [predicted, count] of row.entries()) {
      if (actual === predicted) continue;
      mistakes[actual] += count;
      mistakes[predicted] += count;
    }
  }
  return classes.sort((a, b) => mistakes[b] - mistakes[a] || a - b)
    .slice(0, MOST_CONFUSED).sort((a, b) => a - b);
}

/**
 * The confusion matrix of the chosen student, as SVG: how many test images of
 * each class (row) it took for each class (column). Right answers are blue,
 * mistakes vermillion, the more the stronger, by the square root of their
 * share of the largest count of mistakes.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawConfusionMatrix } from "./charts.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const svg = drawConfusionMatrix(makeDetails());
 * assertStringIncludes(svg, "<title>Confusion matrix on the test images</title>");
 * ```
 */
export function drawConfusionMatrix({ confusion }: StudyDetails): string {
  const classes = mostConfused(confusion.matrix);
  const cells = classes.flatMap((actual) =>
    classes.map((predicted) => ({
      actual,
      predicted,
      count: confusion.matrix[actual][predicted],
    }))
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
      type: "band",
      domain: classes,
      axis: "top",
      tickSize: 0,
      label: "predicted class",
    },
    y: {
      type: "band",
      domain: classes,
      tickSize: 0,
      label: "true class",
    },
    marks: [
      cell(right, {
        ...at,
        fill: "#0072b2",
        fillOpacity: 0.25,
        ariaDescription: "right",
      }),
      cell(mistakes, {
        ...at,
        fill: "#d55e00",
        fillOpacity: ({ count }) => 0.04 + 0.61 * Math.sqrt(count / most),
        opacity: 1,
        ariaDescription: "mistakes",
      }),
      text(cells, {
        x: "predicted",
        y: "actual",
        ariaDescription: "counts",
        text: ({ count }) => count === 0 ? "" : String(count),
      }),
    ],
  });
}

/** What a student is drawn at. */
type Place = (student: { hidden: number; parameters: number }) => number;

/**
 * Test accuracy over `place`, and its scale: for each series a line through the
 * means over seeds, their 95% intervals, single seeds as faint dots, and a key.
 */
function accuracyMarks(
  details: StudyDetails,
  place: Place,
): { marks: Markish[]; scale: ScaleOptions } {
  const { teacher, dataset } = details.result;
  const series = listSeries(details);
  const marks = series.flatMap((one, index): Markish[] => {
    const { groups, students, title, colour, symbol, glyph } = one;
    const dx = 8 * (index - (series.length - 1) / 2);
    const means = groups.map((group) => ({
      x: place(group),
      y: group.test.mean,
      low: group.test.low,
      high: group.test.high,
      name: `${group.hidden} hidden units: ${formatEstimate(group.test)}`,
    }));
    const singles = students.map((student) => ({
      x: place(student),
      y: student.accuracy.test,
    }));
    return [
      ...seriesMarks(means, singles, { title, colour, symbol, dx }),
      text([`${glyph} ${title}`], {
        frameAnchor: "bottom-right",
        dx: -8,
        fill: colour,
        dy: -8 - 18 * (series.length - 1 - index),
        fontWeight: 600,
        ariaDescription: "key",
      }),
    ];
  });
  const shown = series.flatMap(({ groups, students }) => [
    ...groups.flatMap(({ test }) => [test.low, test.high]),
    ...students.map(({ accuracy }) => accuracy.test),
  ]);
  return {
    marks,
    scale: accuracyScale([...shown, teacher.accuracy.test], dataset.test),
  };
}

/**
 * Test accuracy against parameters, as SVG: a series a loss, means over seeds
 * with 95% intervals, single seeds as faint dots, the teacher as a point. Both
 * axes are logarithmic, the accuracy's in the error rate.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawAccuracyByParameters } from "./charts.ts";
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
        x: "x",
        y: "y",
        r: 6,
        symbol: "star",
        fill: "currentColor",
        ariaDescription: "teacher: point",
      }),
      text(point, {
        text: () => `teacher ${formatAccuracy(teacher.accuracy.test)}`,
        x: "x",
        y: "y",
        dy: 20,
        dx: 20,
        textAnchor: "end",
        ariaDescription: "teacher",
      }),
    ],
  });
}

/**
 * Test accuracy against hidden units, as SVG: a series a loss, means over seeds
 * with 95% intervals, single seeds as faint dots, the teacher as a dashed rule.
 * Both axes are logarithmic, the accuracy's in the error rate.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawAccuracyByHidden } from "./charts.ts";
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
        frameAnchor: "left",
        y: accuracy.test,
        dx: 8,
        dy: 10,
        ariaDescription: "teacher",
      }),
    ],
  });
}

/** A chart with what stands around it. */
export interface Chart {
  /** Name of its file, without extension. */
  name: string;
  /** What it shows, in a sentence or two of plain text. */
  caption: string;
  /** The chart, as a standalone SVG document. */
  svg: string;
}

const INTERVALS =
  "Large marks are means over seeds, bars their 95% intervals, small dots single students; the series stand a little apart sideways.";

/**
 * Every chart of a study, in the order of the report.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawCharts } from "./charts.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const [chart] = drawCharts(makeDetails());
 * assertEquals(chart.name, "accuracy-by-hidden-units");
 * ```
 */
export function drawCharts(details: StudyDetails): Chart[] {
  const { dataset } = details.result;
  const { student } = details.confusion;
  const trained = details.curves.filter(({ epochs }) => epochs.length > 0);
  return [
    {
      name: "accuracy-by-hidden-units",
      caption:
        `Test accuracy against hidden units. ${INTERVALS} The accuracy's axis is logarithmic in the error rate.`,
      svg: drawAccuracyByHidden(details),
    },
    {
      name: "accuracy-by-parameters",
      caption:
        `Test accuracy against parameters, the teacher's among them. ${INTERVALS}`,
      svg: drawAccuracyByParameters(details),
    },
    {
      name: "size-by-hidden-units",
      caption:
        "Size against hidden units: bytes of all parameters as float32, the frozen convolutions' included.",
      svg: drawSizeByHidden(details),
    },
    {
      name: "frontier",
      caption:
        "The frontier s(f): the smallest size that reaches accuracy f on the validation images, mean over seeds. Rings are the accuracies asked for; grey dots are students off the frontier.",
      svg: drawFrontierSteps(details),
    },
    ...listLosses(trained).flatMap((loss) =>
      (["accuracy", "loss"] as const).map((measure): Chart => ({
        name: `training-${measure}-${fileName(loss)}`,
        caption: `Validation ${measure} by epoch, ${
          describeLoss(loss)
        }: a line a width, the mean over its seeds.`,
        svg: drawTrainingCurves(details, loss, measure),
      }))
    ),
    {
      name: "confusion-matrix",
      caption: `${
        details.confusion.matrix.length > MOST_CONFUSED
          ? `Of the ${MOST_CONFUSED} classes with the most mistakes, the`
          : "The"
      } ${
        details.confusion.matrix.length > MOST_CONFUSED
          ? ""
          : `${formatCount(dataset.test)} `
      }test images by true and predicted class, as the student of ${
        formatCount(student.hidden)
      } hidden units sees them (${
        describeLoss(student.loss)
      }, dropout ${student.dropout}, seed ${student.seed}).`,
      svg: drawConfusionMatrix(details),
    },
  ];
}

/** `text` as a part of a file's name: letters, digits and hyphens. */
function fileName(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9.]+/g, "-").replace(/^-|-$/g, "");
}
