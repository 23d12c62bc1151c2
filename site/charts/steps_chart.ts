import {
  frameOptions,
  type KnownScale,
} from "../../core/charts/chart_frame.ts";
import { keepImproving } from "../../core/charts/keep_improving.ts";
import { labelPoints } from "../../core/charts/label_points.ts";
import {
  dot,
  line,
  type Markish,
  type PlotOptions,
} from "../../core/charts/plot.ts";
import { publishedMarks } from "../../core/charts/published_marks.ts";
import { accuracyScale, magnitudeScale } from "../../core/charts/scales.ts";
import {
  formatCount,
  formatTickBytes,
} from "../../core/text/format_numbers.ts";
import type { ChartData } from "./chart_data.ts";
import { CHARACTER, type ChartSize } from "./chart_size.ts";
import { nameDots } from "./dot_names.ts";
import { fileMarks, listBestFiles, studentFileMarks } from "./file_marks.ts";
import { labelPoint } from "./label_point.ts";
import { labelPublished } from "./label_published.ts";
import { nameLines } from "./line_names.ts";
import type { SitePoint } from "./site_point.ts";

const SVG = "http://www.w3.org/2000/svg";

/**
 * The handle of the accuracy asked for, on an axis of accuracies: the page's script
 * moves it, and reads from it where accuracies lie. Not to be seen without one.
 *
 * As data: the axis from `left` to `right` pixels goes from `low` to `high` nines,
 * −log10 of the error rate.
 */
function targetMark(
  { domain: [low, high] }: KnownScale,
  { frame: { left, right, top, bottom } }: ChartSize,
): Markish {
  return (_index, _scales, _values, _dimensions, { document }) => {
    const add = (
      parent: Element,
      name: string,
      attributes: Record<string, string | number>,
    ) => {
      const element = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(attributes)) {
        element.setAttribute(key, String(value));
      }
      parent.appendChild(element);
      return element;
    };
    const group = document.createElementNS(SVG, "g");
    const data = { left, right, low, high };
    group.setAttribute("class", "target");
    group.setAttribute("aria-hidden", "true");
    for (const [key, value] of Object.entries(data)) {
      group.setAttribute(`data-${key}`, String(value));
    }
    add(group, "line", { y1: top, y2: bottom });
    add(group, "rect", {
      class: "grip",
      x: -12,
      width: 24,
      y: top - 20,
      height: bottom - top + 20,
    });
    add(group, "path", { d: `M-6,${top - 14}h12v8l-6,6l-6,-6z` });
    return group;
  };
}

/** `points` at their validation accuracy and size. */
function place(points: readonly SitePoint[]) {
  return points.flatMap((point) =>
    point.validation
      ? [{ ...point, x: point.validation.mean, y: point.bytes }]
      : []
  );
}

/** The corners of the steps through `points`. */
function cornersOf(points: readonly { x: number; y: number }[]) {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    return before ? [{ x: before.x, y: point.y }, point] : [point];
  });
}

/**
 * s(f): for each validation accuracy the smallest file that reaches it, and the
 * smallest students of the sweep, as steps; published models at their test accuracy.
 */
export function stepsChart(data: ChartData, size: ChartSize): PlotOptions {
  const { series, files, studentFiles, published, validationImages } = data;
  const groups = place(series.flatMap((one) => one.groups));
  const students = keepImproving(groups, ({ y }) => y, ({ x }) => x);
  const others = groups.filter((group) => !students.includes(group));
  const placedFiles = place(files);
  const placedStudents = place(studentFiles);
  const best = listBestFiles(placedFiles);
  const shown = [...groups, ...placedFiles, ...placedStudents];
  const references = published.map(({ model: { accuracy, bytes } }) => ({
    x: accuracy,
    y: bytes,
  }));
  const accuracies = [...shown, ...references].map(({ x }) => x);
  // Room to the right of the most accurate, for names.
  const beyond = 1 - 0.34 * (1 - Math.max(...accuracies));
  const scales = {
    x: accuracyScale(
      [...accuracies, ...size.narrow ? [] : [beyond]],
      validationImages,
      size.narrow ? 11 : 24,
    ),
    y: magnitudeScale(
      [...shown, ...references].map(({ y }) => y),
      formatTickBytes,
    ),
  };
  // Steps reach the chart's left end: their smallest model serves any less accuracy.
  const [least] = scales.x.domain;
  const steps = (points: { x: number; y: number }[]) =>
    points.length > 0
      ? [{ x: 1 - 10 ** -least, y: points[0].y }, ...points]
      : [];
  const at = { x: "x", y: "y", className: "students" };
  // A phone has no room for them.
  const named = size.narrow ? [] : best.filter(({ model }) => model !== null);
  return {
    ...frameOptions(size.frame, size.width, size.height),
    x: { ...scales.x, label: "validation accuracy f" },
    y: { ...scales.y, label: "bytes s(f)" },
    marks: [
      targetMark(scales.x, size),
      ...publishedMarks(({ bytes, accuracy }) => ({ x: accuracy, y: bytes }), {
        scales,
        frame: size.frame,
        className: "published",
        character: CHARACTER,
        marks: shown,
        line: cornersOf(steps(best)),
        labelOf: labelPublished(data),
        names: size.narrow ? "clear" : "clean",
      }, published.map(({ model }) => model)),
      line(steps(students), {
        ...at,
        curve: "step-before",
        stroke: "currentColor",
        strokeWidth: 1.75,
        ariaDescription: "students: steps",
      }),
      dot(others, {
        ...at,
        r: 2.5,
        fill: "currentColor",
        fillOpacity: 0.4,
        render: labelPoints(others.map(labelPoint)),
        ariaDescription: "students: others",
      }),
      dot(students, {
        ...at,
        r: 4,
        fill: "currentColor",
        symbol: "diamond",
        render: labelPoints(students.map(labelPoint)),
        ariaDescription: "students: best",
      }),
      studentFileMarks(placedStudents),
      ...fileMarks(placedFiles, best, "step-before"),
      ...nameDots(
        named.map(({ x, y }) => ({ x, y, name: `${formatCount(y)} B` })),
        [...shown, ...references],
        { scales, size, className: "files" },
      ),
      ...nameLines(
        [
          {
            name: "our .dram files",
            className: "files",
            points: cornersOf(steps(best)),
          },
          {
            name: "students as float32",
            className: "students",
            points: cornersOf(steps(students)),
          },
          {
            name: "students' files",
            className: "students",
            points: placedStudents.slice(0, 6),
          },
        ],
        [...shown, ...references],
        { scales, size },
      ),
    ],
  };
}
