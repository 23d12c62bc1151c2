import { type KnownScale, placePoint } from "../../core/charts/chart_frame.ts";
import { placeLineLabels } from "../../core/charts/place_line_labels.ts";
import { type Markish, text } from "../../core/charts/plot.ts";
import { BOLD_CHARACTER, type ChartSize } from "./chart_size.ts";

interface Place {
  x: number;
  y: number;
}

/** A line of a chart, and what stands beside it. */
export interface LineName {
  name: string;
  className: string;
  points: Place[];
  /** How far the line stands to the right of its points, in pixels. */
  dx?: number;
}

/**
 * The names of lines beside them, instead of a key, where they cover neither a
 * line nor any of `marks`.
 */
export function nameLines(
  lines: readonly LineName[],
  marks: readonly Place[],
  { scales, size }: {
    scales: { x: KnownScale; y: KnownScale };
    size: ChartSize;
  },
): Markish[] {
  const toPixels = (at: Place) => placePoint(at, scales, size.frame);
  const named = lines.filter(({ points }) => points.length > 0);
  const places = placeLineLabels(
    named.map(({ name, points, dx = 0 }) => ({
      width: name.length * BOLD_CHARACTER,
      points: points.map(toPixels).map(({ x, y }) => ({ x: x + dx, y })),
    })),
    marks.map(toPixels),
    size.frame,
  );
  return named.map(({ name, className }, index) => {
    const { x, y, dx, dy, textAnchor } = places[index];
    const { left, top } = size.frame;
    return text([name], {
      frameAnchor: "top-left",
      className,
      fontWeight: 600,
      dx: x - left + dx,
      dy: y - top + dy,
      textAnchor,
      lineAnchor: "middle",
      ariaDescription: "line name",
    });
  });
}
