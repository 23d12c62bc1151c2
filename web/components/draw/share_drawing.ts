import type { Drawing } from "../../../core/data/drawing/drawing.ts";
import { encodeShareLink } from "../../../core/infer/share_link/encode_share_link.ts";
import { drawQrCode, type QrCode } from "../../../core/charts/qr_code.ts";

/** What goes into a link. */
export interface ShareOptions {
  /** The model's file. */
  dram: Uint8Array<ArrayBuffer>;
  drawing: Drawing;
}

/** A link that holds a model and a drawing. */
export interface SharedDrawing {
  url: string;
  /** The link as a QR code; null where it is too long for one. */
  code: QrCode | null;
}

/**
 * The link to the page at `origin` that holds `dram` and `drawing` in its fragment,
 * which no browser sends to a server.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { smallDram } from "../../../tests/core/infer/small_model.ts";
 * import { shareDrawing } from "./share_drawing.ts";
 *
 * const { url } = shareDrawing("https://example.org", { dram: smallDram(), drawing: { strokes: [], image: null } });
 * assert(url.startsWith("https://example.org/#"));
 * ```
 */
export function shareDrawing(
  origin: string,
  { dram, drawing }: ShareOptions,
): SharedDrawing {
  const fragment = encodeShareLink({ dram, drawing }).replace(/^#/, "");
  const url = `${origin}/#${fragment}`;
  return { url, code: drawQrCode(url) };
}
