import { frameOptions } from "../../core/charts/chart_frame.ts";
import {
  formatBytes,
  formatTickBytes,
} from "../../core/text/format_numbers.ts";
import { labelPoints } from "../../core/charts/label_points.ts";
import {
  dot,
  line,
  type PlotOptions,
  ruleY,
  text,
} from "../../core/charts/plot.ts";
import { magnitudeScale, widthScale } from "../../core/charts/scales.ts";
import type { ChartData } from "./chart_data.ts";
import type { ChartSize } from "./chart_size.ts";
import { labelPoint } from "./label_point.ts";
import { nameDots } from "./dot_names.ts";
import type { SitePoint } from "./site_point.ts";

/** Of each width the group that is best on validation, from the narrowest. */
function listWidths({ series }: ChartData) {
  const best = new Map<number, SitePoint>();
  for (const group of series.flatMap(({ groups }) => groups)) {
    const { hidden, validation } = group;
    const rival = best.get(hidden ?? 0);
    if (
      hidden && validation &&
      validation.mean > (rival?.validation?.mean ?? -1)
    ) best.set(hidden, group);
  }
  return [...best].map(([hidden, group]) => ({
    ...group,
    x: hidden,
    y: group.bytes,
  })).sort((a, b) => a.x - b.x);
}

/** Bytes of the float32 parameters against hidden units, the teacher's as a rule. */
export function sizeChart(data: ChartData, size: ChartSize): PlotOptions {
  const { teacher } = data;
  const widths = listWidths(data);
  const at = { x: "x", y: "y", className: "sizes" };
  const scales = {
    x: widthScale(widths.map(({ x }) => x), size.narrow ? 12 : 26),
    y: magnitudeScale(
      [...widths.map(({ y }) => y), teacher.bytes],
      formatTickBytes,
    ),
  };
  return {
    ...frameOptions(size.frame, size.width, size.height),
    x: { ...scales.x, label: "hidden units" },
    y: { ...scales.y, label: "bytes of the parameters as float32" },
    marks: [
      line(widths, { ...at, stroke: "currentColor", strokeWidth: 1.75 }),
      dot(widths, {
        ...at,
        r: 4.5,
        fill: "currentColor",
        render: labelPoints(widths.map(labelPoint)),
        ariaDescription: "sizes",
      }),
      ...nameDots(
        widths.map(({ x, y }) => ({ x, y, name: formatBytes(y) })),
        widths,
        { scales, size, className: "sizes" },
      ),
      ruleY([teacher.bytes], {
        className: "teacher",
        strokeDasharray: "2 4",
        ariaDescription: "teacher: rule",
      }),
      text([`teacher ${formatBytes(teacher.bytes)}`], {
        frameAnchor: "left",
        y: teacher.bytes,
        dx: 6,
        dy: 12,
        className: "teacher",
        ariaDescription: "teacher",
      }),
    ],
  };
}
