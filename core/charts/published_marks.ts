import { type ChartFrame, type KnownScale, placePoint } from "./chart_frame.ts";
import { labelPoints, type PointLabel } from "./label_points.ts";
import { placeLabels } from "./place_labels.ts";
import { dot, type Markish, text } from "./plot.ts";
import { walkLine } from "./walk_line.ts";
import type { PublishedPoint } from "./published_points.ts";

/** Where a published model is drawn. */
type Place = (point: PublishedPoint) => { x: number; y: number };

/** What surrounds published models, and how they look. */
interface PublishedSetting {
  scales: { x: KnownScale; y: KnownScale };
  frame: ChartFrame;
  /** What their names keep clear of. */
  marks: { x: number; y: number }[];
  /** A line that they keep clear of too. */
  line?: { x: number; y: number }[];
  /** Pixels of a character of their type, on average; 6.1 unless given. */
  character?: number;
  /** Class of the marks. */
  className?: string;
  /** What a point is on a page; a mere shape unless given. */
  labelOf?: (point: PublishedPoint) => PointLabel;
  /**
   * Which names are there: all, unless given; those that cover nothing and those of
   * a clean split; or only those that cover nothing.
   */
  names?: "all" | "clean" | "clear";
}

/**
 * `published` at `place`: triangles, filled where the source says that the model
 * was chosen on images apart from the test set, and their names, kept clear of one
 * another and of `marks`.
 */
export function publishedMarks(
  place: Place,
  setting: PublishedSetting,
  published: readonly PublishedPoint[],
): Markish[] {
  const { scales, frame, marks, line = [], character = 6.1 } = setting;
  const { className, labelOf, names = "all" } = setting;
  // The clean ones first: theirs are the names that matter most.
  const ranked = published.toSorted((a, b) =>
    Number(b.cleanSplit === true) - Number(a.cleanSplit === true)
  );
  const points = ranked.map((point) => ({
    ...point,
    ...place(point),
    // Plot's own channel; `label` is what the page says of the point.
    label: labelOf?.(point),
  }));
  const toPixels = (at: { x: number; y: number }) =>
    placePoint(at, scales, frame);
  const labels = points.map(({ name, x, y }) => ({
    ...toPixels({ x, y }),
    width: name.length * character,
  }));
  const taken = [...marks.map(toPixels), ...walkLine(line.map(toPixels))];
  const places = placeLabels(labels, taken, frame);
  const at = { x: "x", y: "y", className };
  const look = { ...at, symbol: "triangle", stroke: "currentColor" } as const;
  const draw = (
    clean: boolean,
    options: { r: number; strokeWidth?: number },
  ) => {
    const shown = points.filter(({ cleanSplit }) =>
      (cleanSplit === true) === clean
    );
    const known = shown.flatMap(({ label }) => label ?? []);
    return dot(shown, {
      ...look,
      ...options,
      fill: clean ? "currentColor" : "none",
      ...known.length > 0 ? { render: labelPoints(known) } : {},
      ariaDescription: clean ? "published, clean split" : "published",
    });
  };
  return [
    // Names first, so that no name's halo hides a point.
    ...points.flatMap((point, index) => {
      const { cost, ...place } = places[index];
      const isKept = cost === 0 || names === "clean" && point.cleanSplit;
      if (names !== "all" && !isKept) return [];
      return text([point], {
        ...at,
        ...place,
        text: "name",
        fillOpacity: 0.75,
        fontSize: 11,
        ariaDescription: "published names",
      });
    }),
    draw(false, { r: 4.5, strokeWidth: 1.25 }),
    draw(true, { r: 5 }),
  ];
}
