import type { SearchResult } from "../search/search_result.ts";
import { listChosen } from "./accuracy_by_bytes.ts";
import { type ChartFrame, frameOptions } from "./chart_frame.ts";
import { formatCount, formatTickBytes } from "../text/format_numbers.ts";
import { keepImproving } from "./keep_improving.ts";
import { keyEntry } from "./key_entry.ts";
import { dot, line, link, renderPlot, text } from "./plot.ts";
import { publishedMarks } from "./published_marks.ts";
import { listPublished } from "./published_points.ts";
import { accuracyScale, magnitudeScale } from "./scales.ts";

const [WIDTH, HEIGHT] = [760, 540];
const FRAME: ChartFrame = { left: 60, right: 736, top: 36, bottom: 492 };
const [BLUE, VERMILLION] = ["#0072b2", "#d55e00"];

/** The recipes that no smaller one matches, as points with their intervals. */
function placeRecipes({ recipes }: SearchResult) {
  return keepImproving(
    recipes,
    ({ bytes }) => bytes.mean,
    ({ validation }) => validation.mean,
  ).map(({ bytes, validation }) => ({
    x: validation.mean,
    y: bytes.mean,
    left: validation.low,
    right: validation.high,
    low: bytes.low,
    high: bytes.high,
  }));
}

/**
 * s(f) in file bytes, as SVG: for each validation accuracy f the smallest file
 * that reaches it, as steps, and the smallest recipe whose mean over seeds does,
 * with 95% intervals; on MNIST published models as triangles at their test accuracy. Both
 * axes are logarithmic, the accuracy's in the error rate.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawByteFrontier } from "./byte_frontier_steps.ts";
 * import { makeSearchResult } from "../../tests/core/report/search_fixture.ts";
 *
 * const svg = drawByteFrontier(makeSearchResult());
 * assertStringIncludes(svg, "<title>Smallest file that reaches an accuracy, s(f)</title>");
 * ```
 */
export function drawByteFrontier(result: SearchResult): string {
  const { trials, dataset, frontier } = result;
  const files = listChosen(trials).map(({ bytes, accuracy }) => ({
    x: accuracy.validation,
    y: bytes,
  }));
  const recipes = placeRecipes(result);
  const asked = frontier.map(({ accuracy, file }) => ({
    x: accuracy,
    y: file.bytes,
  }));
  const answers = [...new Set(frontier.map(({ file }) => file))].map((
    file,
  ) => ({
    x: file.accuracy.validation,
    y: file.bytes,
  }));
  const published = listPublished(dataset);
  const others = published.map(({ accuracy, bytes }) => ({
    x: accuracy,
    y: bytes,
  }));
  const shown = [...files, ...recipes, ...asked, ...others];
  const scales = {
    x: accuracyScale(shown.map(({ x }) => x), dataset.validation),
    y: magnitudeScale(shown.map(({ y }) => y), formatTickBytes),
  };
  const at = { x: "x", y: "y" };
  const bar = { stroke: VERMILLION, strokeWidth: 1.5, strokeOpacity: 0.7 };
  return renderPlot("Smallest file that reaches an accuracy, s(f)", {
    ...frameOptions(FRAME, WIDTH, HEIGHT),
    x: { ...scales.x, label: "validation accuracy f" },
    y: { ...scales.y, label: "bytes s(f) of the whole file" },
    marks: [
      ...publishedMarks(({ accuracy, bytes }) => ({ x: accuracy, y: bytes }), {
        scales,
        frame: FRAME,
        marks: [...files, ...recipes],
      }, published),
      link(recipes, {
        x1: "left",
        x2: "right",
        y: "y",
        ...bar,
        ariaDescription: "recipes: 95% intervals of accuracy",
      }),
      link(recipes, {
        x: "x",
        y1: "low",
        y2: "high",
        ...bar,
        ariaDescription: "recipes: 95% intervals of bytes",
      }),
      dot(recipes, {
        ...at,
        r: 4,
        fill: VERMILLION,
        symbol: "diamond",
        ariaDescription: "recipes",
      }),
      line(files, {
        ...at,
        curve: "step-before",
        stroke: BLUE,
        strokeWidth: 1.75,
        ariaDescription: "steps",
      }),
      dot(files, { ...at, r: 4.5, fill: BLUE, ariaDescription: "files" }),
      dot(asked, {
        ...at,
        r: 6,
        stroke: BLUE,
        strokeWidth: 1.5,
        ariaDescription: "accuracies asked for",
      }),
      text(answers, {
        ...at,
        dx: 8,
        dy: 14,
        textAnchor: "start",
        fill: BLUE,
        fontWeight: 600,
        text: ({ y }) => `${formatCount(y)} B`,
        ariaDescription: "file labels",
      }),
      keyEntry("● smallest file of ours", {
        corner: "top-left",
        line: 0,
        fill: BLUE,
        fontWeight: 600,
      }),
      keyEntry("◆ smallest recipe, mean over seeds", {
        corner: "top-left",
        line: 1,
        fill: VERMILLION,
        fontWeight: 600,
      }),
      ...published.length === 0 ? [] : [
        keyEntry("▲ published, chosen apart from the test set", {
          corner: "top-left",
          line: 2,
        }),
        keyEntry("△ others published", { corner: "top-left", line: 3 }),
      ],
    ],
  });
}
