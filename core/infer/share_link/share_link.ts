import type { Drawing } from "../../data/drawing/drawing.ts";

/** What a link carries behind its `#`. */
export interface ShareLink {
  /** A `.dram` file, byte by byte. */
  dram: Uint8Array<ArrayBuffer>;
  /** What is on the canvas; nothing, where the link has none. */
  drawing: Drawing;
}
