import { type ChartFrame, type KnownScale, placePoint } from "./chart_frame.ts";
import { placeLabels } from "./place_labels.ts";
import { dot, type Markish, text } from "./plot.ts";
import { PUBLISHED_POINTS, type PublishedPoint } from "./published_points.ts";

/** Pixels of a character of the charts' type, on average. */
const CHARACTER = 6.1;

/** Where a published model is drawn. */
type Place = (point: PublishedPoint) => { x: number; y: number };

/**
 * The published models at `place`: triangles, filled where the source says that
 * the model was chosen on images apart from the test set, and their names, kept
 * clear of one another and of `marks`.
 */
export function publishedMarks(
  place: Place,
  { scales, frame, marks }: {
    scales: { x: KnownScale; y: KnownScale };
    frame: ChartFrame;
    marks: { x: number; y: number }[];
  },
): Markish[] {
  const points = PUBLISHED_POINTS.map((point) => ({
    ...point,
    ...place(point),
  }));
  const toPixels = (at: { x: number; y: number }) =>
    placePoint(at, scales, frame);
  const labels = points.map(({ name, x, y }) => ({
    ...toPixels({ x, y }),
    width: name.length * CHARACTER,
  }));
  const places = placeLabels(labels, marks.map(toPixels), frame);
  const at = { x: "x", y: "y" };
  const look = { ...at, symbol: "triangle", stroke: "currentColor" } as const;
  return [
    dot(points.filter(({ cleanSplit }) => cleanSplit !== true), {
      ...{ ...look, r: 4.5, strokeWidth: 1.25 },
      ariaDescription: "published",
    }),
    dot(points.filter(({ cleanSplit }) => cleanSplit === true), {
      ...{ ...look, r: 5, fill: "currentColor" },
      ariaDescription: "published, clean split",
    }),
    ...points.map((point, index) =>
      text([point], {
        ...{ ...at, ...places[index], text: "name", fillOpacity: 0.75 },
        fontSize: 11,
        ariaDescription: "published names",
      })
    ),
  ];
}
