import type { ChartFrame } from "../../core/charts/chart_frame.ts";

/** How large a chart of the page is, in its own pixels. */
export interface ChartSize {
  width: number;
  height: number;
  /** Where the axes lie. */
  frame: ChartFrame;
  /** Whether it is for a phone: fewer ticks, fewer labels. */
  narrow: boolean;
}

/** For a column of text. */
export const WIDE: ChartSize = {
  width: 720,
  height: 460,
  narrow: false,
  frame: { left: 56, right: 708, top: 34, bottom: 410 },
};

/** For a column of text, where much stands close together. */
export const TALL: ChartSize = {
  width: 720,
  height: 560,
  narrow: false,
  frame: { left: 56, right: 708, top: 34, bottom: 510 },
};

/** For a phone: about as wide as its screen, so that text keeps its size. */
export const NARROW: ChartSize = {
  width: 328,
  height: 380,
  narrow: true,
  frame: { left: 54, right: 320, top: 34, bottom: 332 },
};

/** Pixels of a character of the charts' type, on average. */
export const CHARACTER = 6.5;
/** The same of its bold. */
export const BOLD_CHARACTER = 7.6;
