import { labelPoints } from "../../core/charts/label_points.ts";
import { dot, type Markish, text } from "../../core/charts/plot.ts";
import { labelPoint } from "./label_point.ts";
import type { SitePoint } from "./site_point.ts";

/** The teacher as a star with its name, at the right end of a chart. */
export function teacherMarks(
  teacher: SitePoint,
  place: { x: number; y: number },
): Markish[] {
  const at = { x: "x", y: "y", className: "teacher" };
  return [
    dot([place], {
      ...{ ...at, r: 6, symbol: "star", fill: "currentColor" },
      render: labelPoints([labelPoint(teacher)]),
      ariaDescription: "teacher: point",
    }),
    text([place], {
      ...{ ...at, dy: 18, dx: 6, textAnchor: "end", text: () => "teacher" },
      ariaDescription: "teacher",
    }),
  ];
}
