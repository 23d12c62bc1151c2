import type { PointLabel } from "../../core/charts/label_points.ts";
import type { PublishedPoint } from "../../core/charts/published_points.ts";
import type { ChartData } from "./chart_data.ts";
import { labelPoint } from "./label_point.ts";

/** What a published model of `data` is on the page. */
export function labelPublished(
  { published }: ChartData,
): (model: PublishedPoint) => PointLabel {
  const labels = new Map(
    published.map(({ model, point }) => [nameOf(model), labelPoint(point)]),
  );
  return (model) => labels.get(nameOf(model))!;
}

/** What tells one published model from another: some have a name in common. */
function nameOf({ name, bytes }: PublishedPoint): string {
  return `${name} ${bytes}`;
}
