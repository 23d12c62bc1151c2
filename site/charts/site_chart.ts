/** One chart of the page on the tradeoff, drawn twice: text keeps its size on a phone. */
export interface SiteChart {
  /** Name of its element on the page: letters and hyphens. */
  name: string;
  /** What it shows, in a few words. */
  title: string;
  /** How to read it, in plain text. */
  caption: string;
  /** SVG for a wide column: no style elements, no style attributes. */
  wide: string;
  /** The same for a phone. */
  narrow: string;
}
