import {
  type Box,
  boxAround,
  boxOf,
  costOf,
  LABEL_PLACES,
  type LabelPlace,
} from "./label_boxes.ts";
import { walkLine } from "./walk_line.ts";

/** A line of a chart with its name, in pixels. */
export interface NamedLine {
  /** Extent of the name. */
  width: number;
  /** The points that the line joins, in order. */
  points: { x: number; y: number }[];
}

/**
 * For each line the place of its name: the one beside any of its points that
 * covers least of all lines, of the names before, and of `marks`, and sticks out of
 * `frame` least.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { placeLineLabels } from "./place_line_labels.ts";
 *
 * const frame = { left: 0, right: 100, top: 0, bottom: 100 };
 * const line = { width: 60, points: [{ x: 70, y: 10 }, { x: 20, y: 60 }] };
 * const [{ x, textAnchor }] = placeLineLabels([line], [], frame);
 * assertEquals([x, textAnchor], [20, "start"]);
 * ```
 */
export function placeLineLabels(
  lines: readonly NamedLine[],
  marks: readonly { x: number; y: number }[],
  frame: Box,
): (LabelPlace & { x: number; y: number })[] {
  const taken = [
    ...lines.flatMap(({ points }) => walkLine(points)).map((at) =>
      boxAround(at, 3)
    ),
    ...marks.map((at) => boxAround(at, 5)),
  ];
  return lines.map(({ width, points }) => {
    const candidates = points.flatMap((point) =>
      LABEL_PLACES.map((place) => {
        const box = boxOf({ ...point, width }, place);
        return { point, place, box, cost: costOf(box, taken, frame) };
      })
    );
    const best = candidates.reduce((a, b) => b.cost < a.cost ? b : a);
    taken.push(best.box);
    return { x: best.point.x, y: best.point.y, ...best.place };
  });
}
