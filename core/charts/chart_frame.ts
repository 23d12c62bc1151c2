import type { ScaleOptions } from "./plot.ts";

/** Where a chart's axes lie, in pixels. */
export interface ChartFrame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A scale of ours: linear after a transform, over a known domain. */
export interface KnownScale extends ScaleOptions {
  transform: (value: number) => number;
  domain: [number, number];
}

/** The options of a chart of `width` by `height` whose axes lie at `frame`. */
export function frameOptions(
  { left, right, top, bottom }: ChartFrame,
  width: number,
  height: number,
) {
  return {
    width,
    height,
    marginLeft: left,
    marginTop: top,
    marginRight: width - right,
    marginBottom: height - bottom,
  };
}

/** Where a point stands in `frame`, in pixels. */
export function placePoint(
  point: { x: number; y: number },
  scales: { x: KnownScale; y: KnownScale },
  { left, right, top, bottom }: ChartFrame,
): { x: number; y: number } {
  const share = (value: number, { transform, domain }: KnownScale) =>
    (transform(value) - domain[0]) / (domain[1] - domain[0]);
  return {
    x: left + share(point.x, scales.x) * (right - left),
    y: bottom - share(point.y, scales.y) * (bottom - top),
  };
}
