import { type Markish, text } from "./plot.ts";

/** Where a line of a chart's key stands, and how it looks. */
interface KeyLook {
  /** The corner of the chart that is empty. */
  corner: "top-left" | "bottom-right";
  /** Which line, counted from the corner. */
  line: number;
  fill?: string;
  fontWeight?: number;
}

/** One line of a chart's key. */
export function keyEntry(
  content: string,
  { corner, line, ...look }: KeyLook,
): Markish {
  const away = corner === "top-left" ? 1 : -1;
  return text([content], {
    frameAnchor: corner,
    dx: 8 * away,
    dy: (8 + 18 * line) * away,
    ...look,
    ariaDescription: "key",
  });
}
