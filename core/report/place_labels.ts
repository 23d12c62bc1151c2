/** A text to stand beside a point, in pixels. */
export interface Label {
  /** The point. */
  x: number;
  y: number;
  /** Extent of the text. */
  width: number;
}

/** Where a label stands: its anchor's distance from the point. */
export interface LabelPlace {
  dx: number;
  dy: number;
  textAnchor: "start" | "middle" | "end";
}

const HEIGHT = 14;
const GAP = 9;

/** Right, left, above, below, then the corners. */
const PLACES: readonly LabelPlace[] = [
  { dx: GAP, dy: 0, textAnchor: "start" },
  { dx: -GAP, dy: 0, textAnchor: "end" },
  { dx: 0, dy: -1.5 * GAP, textAnchor: "middle" },
  { dx: 0, dy: 1.5 * GAP, textAnchor: "middle" },
  { dx: 0.8 * GAP, dy: -1.2 * GAP, textAnchor: "start" },
  { dx: 0.8 * GAP, dy: 1.2 * GAP, textAnchor: "start" },
  { dx: -0.8 * GAP, dy: -1.2 * GAP, textAnchor: "end" },
  { dx: -0.8 * GAP, dy: 1.2 * GAP, textAnchor: "end" },
];

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function boxOf({ x, y, width }: Label, place: LabelPlace): Box {
  const { dx, dy, textAnchor } = place;
  const share = { start: 0, middle: 0.5, end: 1 }[textAnchor];
  const left = x + dx - share * width;
  const top = y + dy - HEIGHT / 2;
  return { left, right: left + width, top, bottom: top + HEIGHT };
}

/** The area that two boxes share. */
function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

/**
 * A place for each of `labels`, beside its point: each in turn takes, of eight,
 * the first one that covers least of the labels before it, of the points of all,
 * and of `marks`, and sticks out of `frame` least.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { placeLabels } from "./place_labels.ts";
 *
 * const frame = { left: 0, right: 100, top: 0, bottom: 100 };
 * const [a, b] = placeLabels([{ x: 50, y: 50, width: 30 }, { x: 95, y: 20, width: 30 }], [], frame);
 * assertEquals([a.textAnchor, b.textAnchor], ["start", "end"]);
 * ```
 */
export function placeLabels(
  labels: readonly Label[],
  marks: readonly { x: number; y: number }[],
  frame: Box,
): LabelPlace[] {
  const taken = [...labels, ...marks].map(({ x, y }): Box => ({
    ...{ left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 },
  }));
  return labels.map((label) => {
    const costs = PLACES.map((place) => {
      const box = boxOf(label, place);
      const inside = overlapOf(box, frame);
      const outside = label.width * HEIGHT - inside;
      const covered = taken.map((each) => overlapOf(box, each));
      // Whole pixels, or rounding would choose among equals.
      return Math.round(covered.reduce((a, b) => a + b, outside));
    });
    const place = PLACES[costs.indexOf(Math.min(...costs))];
    taken.push(boxOf(label, place));
    return place;
  });
}
