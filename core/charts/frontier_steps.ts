import type { StudentGroup, StudyDetails } from "../sweep/result.ts";
import { formatBytes } from "../text/format_numbers.ts";
import { keepImproving } from "./keep_improving.ts";
import { dot, line, renderPlot, text } from "./plot.ts";
import { accuracyScale, magnitudeScale } from "./scales.ts";

/**
 * The frontier s(f), as SVG: for each validation accuracy f the bytes of the
 * smallest group that reaches it, as steps; groups off the frontier as faint
 * dots, the accuracies asked for as rings. Both axes are logarithmic, the
 * accuracy's in the error rate.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawFrontierSteps } from "./frontier_steps.ts";
 * import { makeDetails } from "../../tests/core/report/fixture.ts";
 *
 * const svg = drawFrontierSteps(makeDetails());
 * assertStringIncludes(svg, "<title>Smallest size that reaches an accuracy, s(f)</title>");
 * ```
 */
export function drawFrontierSteps(details: StudyDetails): string {
  const { dataset, frontier } = details.result;
  const place = (group: StudentGroup) => ({
    hidden: group.hidden,
    x: group.validation.mean,
    y: group.bytes,
  });
  const all = details.groups.map(place);
  const steps = keepImproving(
    details.groups,
    ({ bytes }) => bytes,
    ({ validation }) => validation.mean,
  ).map(place);
  const asked = frontier.map(({ accuracy, bytes }) => ({
    x: accuracy,
    y: bytes,
  }));
  const scale = accuracyScale(
    [...all, ...asked].map(({ x }) => x),
    dataset.validation,
  );
  const start = { x: Math.min(...all.map(({ x }) => x)), y: steps[0]?.y };
  const at = { x: "x", y: "y" };
  const blue = "#0072b2";
  return renderPlot("Smallest size that reaches an accuracy, s(f)", {
    x: { ...scale, label: "validation accuracy f" },
    y: {
      ...magnitudeScale(all.map(({ y }) => y), formatBytes),
      label: "size s(f) of the parameters as float32",
    },
    marks: [
      line([start, ...steps], {
        ...at,
        curve: "step-before",
        stroke: blue,
        strokeWidth: 1.75,
        ariaDescription: "steps",
      }),
      dot(all, {
        ...at,
        r: 3,
        fill: "currentColor",
        fillOpacity: 0.35,
        ariaDescription: "groups",
      }),
      dot(steps, { ...at, r: 4.5, fill: blue, ariaDescription: "frontier" }),
      dot(asked, {
        ...at,
        r: 5,
        stroke: "#d55e00",
        strokeWidth: 1.75,
        ariaDescription: "accuracies asked for",
      }),
      text(steps, {
        ...at,
        dx: 10,
        dy: 6,
        textAnchor: "start",
        text: ({ hidden }) => `${hidden} ${hidden === 1 ? "unit" : "units"}`,
        ariaDescription: "frontier labels",
      }),
    ],
  });
}
