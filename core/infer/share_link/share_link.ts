import type { Drawing } from "../../data/drawing/drawing.ts";

/** What a link carries behind its `#`. */
export interface ShareLink {
  /** A `.dram` file, byte by byte. */
  dram: Uint8Array<ArrayBuffer>;
  drawing: Drawing;
}
