import { dot, line, link, type Markish, type RenderFunction } from "./plot.ts";

/** A mean over seeds, or a single student, where a chart shows it. */
export interface SeriesPoint {
  x: number;
  y: number;
  /** Bounds of the 95% interval of `y`. */
  low: number;
  high: number;
  /** The point in words, for a tooltip. */
  name: string;
}

/** How a series looks. */
export interface SeriesLook {
  /** The series in words. */
  title: string;
  /** A colour, or `currentColor` where a style sheet colours the class. */
  colour: string;
  symbol: "circle" | "diamond" | "square" | "triangle";
  /** Class of its marks. */
  className?: string;
  /** Whether intervals are to stand back behind the points. */
  faint?: boolean;
  /** How far all of it stands to the right, in pixels. */
  dx: number;
}

/** How the points of a series are rendered, where they are more than shapes. */
export interface SeriesRendering {
  means?: RenderFunction;
  singles?: RenderFunction;
}

/**
 * A series of accuracies: a line through the means over seeds, their 95%
 * intervals, single seeds as faint dots beside them.
 */
export function seriesMarks<Point extends SeriesPoint>(
  means: Point[],
  singles: Pick<SeriesPoint, "x" | "y">[],
  look: SeriesLook,
  rendering: SeriesRendering = {},
): Markish[] {
  const { title, colour, symbol, className, dx } = look;
  const at = { x: "x", y: "y", dx, className };
  return [
    line(means, {
      ...at,
      stroke: colour,
      strokeWidth: 1.5,
      ariaDescription: `${title}: line`,
    }),
    link(means, {
      x: "x",
      y1: "low",
      y2: "high",
      dx,
      stroke: colour,
      strokeWidth: 2,
      strokeOpacity: look.faint ? 0.4 : 1,
      className,
      ariaDescription: `${title}: 95% intervals`,
    }),
    dot(singles, {
      ...at,
      dx: dx + 4.5,
      r: 2,
      fill: colour,
      fillOpacity: 0.45,
      render: rendering.singles,
      ariaDescription: `${title}: single seeds`,
    }),
    dot(means, {
      ...at,
      r: 4,
      fill: colour,
      symbol,
      // A labelled point has its own tooltip.
      ...rendering.means ? { render: rendering.means } : { title: "name" },
      ariaDescription: `${title}: means`,
    }),
  ];
}
