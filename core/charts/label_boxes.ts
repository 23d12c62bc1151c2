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

/** A rectangle of a chart, in pixels. */
export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const HEIGHT = 14;
const GAP = 9;

/** Right, left, above, below, then the corners. */
export const LABEL_PLACES: readonly LabelPlace[] = [
  { dx: GAP, dy: 0, textAnchor: "start" },
  { dx: -GAP, dy: 0, textAnchor: "end" },
  { dx: 0, dy: -1.5 * GAP, textAnchor: "middle" },
  { dx: 0, dy: 1.5 * GAP, textAnchor: "middle" },
  { dx: 0.8 * GAP, dy: -1.2 * GAP, textAnchor: "start" },
  { dx: 0.8 * GAP, dy: 1.2 * GAP, textAnchor: "start" },
  { dx: -0.8 * GAP, dy: -1.2 * GAP, textAnchor: "end" },
  { dx: -0.8 * GAP, dy: 1.2 * GAP, textAnchor: "end" },
];

/** What a label covers at a place. */
export function boxOf({ x, y, width }: Label, place: LabelPlace): Box {
  const { dx, dy, textAnchor } = place;
  const share = { start: 0, middle: 0.5, end: 1 }[textAnchor];
  const left = x + dx - share * width;
  const top = y + dy - HEIGHT / 2;
  return { left, right: left + width, top, bottom: top + HEIGHT };
}

/** What a point of radius `radius` covers. */
export function boxAround(
  { x, y }: { x: number; y: number },
  radius: number,
): Box {
  const [left, right] = [x - radius, x + radius];
  return { left, right, top: y - radius, bottom: y + radius };
}

/** The area that two boxes share. */
function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

/**
 * How badly `box` stands: the area that it shares with `taken` and that sticks
 * out of `frame`, in whole pixels, or rounding would choose among equals.
 */
export function costOf(box: Box, taken: readonly Box[], frame: Box): number {
  const area = (box.right - box.left) * (box.bottom - box.top);
  const outside = area - overlapOf(box, frame);
  return Math.round(
    taken.reduce((sum, each) => sum + overlapOf(box, each), outside),
  );
}
