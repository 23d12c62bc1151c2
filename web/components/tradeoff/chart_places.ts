import type { Place } from "./nearest_point.ts";

/** The points of a chart. */
export function listPoints(chart: Element): SVGElement[] {
  return [...chart.querySelectorAll<SVGElement>(".point")];
}

/** The key of a point. */
export function keyOf(point: Element): string {
  return point.getAttribute("data-point") ?? "";
}

/** Where the points of a chart are in the window. */
export function placePoints(chart: Element): Place[] {
  return listPoints(chart).map((point) => {
    const { left, top, width, height } = point.getBoundingClientRect();
    return { key: keyOf(point), x: left + width / 2, y: top + height / 2 };
  });
}
