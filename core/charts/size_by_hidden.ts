import type { StudyDetails } from "../sweep/result.ts";
import { formatBytes } from "../text/format_numbers.ts";
import { dot, line, renderPlot, ruleY, text } from "./plot.ts";
import { magnitudeScale, widthScale } from "./scales.ts";

/**
 * Bytes of the float32 parameters against hidden units, as SVG, the teacher's
 * as a dashed rule. Both axes are logarithmic.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawSizeByHidden } from "./size_by_hidden.ts";
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
        ...{ ...at, dx: 9, dy: 10, textAnchor: "start" },
        text: ({ bytes }) => formatBytes(bytes),
        ariaDescription: "size labels",
      }),
      ruleY([teacher.bytes], { strokeDasharray: "5 4", strokeOpacity: 0.7 }),
      text([`teacher ${formatBytes(teacher.bytes)}`], {
        ...{ frameAnchor: "left", y: teacher.bytes, dx: 8, dy: 12 },
        ariaDescription: "teacher",
      }),
    ],
  });
}
