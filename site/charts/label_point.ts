import type { PointLabel } from "../../core/charts/label_points.ts";
import { describePoint } from "./point_words.ts";
import type { SitePoint } from "./site_point.ts";

/** What a point is on the page: its words, and the drawing page of its model. */
export function labelPoint(point: SitePoint): PointLabel {
  const { key, model } = point;
  const href = model && `/?model=${encodeURIComponent(model)}`;
  return { key, label: describePoint(point), href };
}
