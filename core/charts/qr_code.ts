import { encode } from "npm:uqr@0.1.3";

/** A QR code as one path of an SVG. */
export interface QrCode {
  /** Side in modules, with the light border of 4 that readers need. */
  size: number;
  /** The dark modules, for a `<path d>` in a `viewBox` of `0 0 size size`. */
  path: string;
}

/** Bytes that the largest QR code holds, at the lowest level of correction. */
const MOST_BYTES = 2953;

/** Modules of light border on each side that the standard asks for. */
const BORDER = 4;

/** One rectangle for each run of dark modules in a row. */
function drawModules(rows: boolean[][]): string {
  let path = "";
  rows.forEach((row, y) => {
    for (let x = row.indexOf(true); x >= 0;) {
      const light = row.indexOf(false, x);
      path += `M${x} ${y}h${light - x}v1H${x}z`;
      x = row.indexOf(true, light);
    }
  });
  return path;
}

/**
 * `text` as a QR code, in UTF-8 at error correction level L or, where the same size
 * has room for it, a higher one. null where it has more than 2,953 bytes, which
 * no QR code holds.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawQrCode } from "./qr_code.ts";
 *
 * const code = drawQrCode("https://example.org/");
 * assertEquals(code?.size, 25 + 2 * 4);
 * assertEquals(code?.path.slice(0, 12), "M4 4h7v1H4zM"); // the top of a corner's square
 * assertEquals(drawQrCode("1".repeat(2954)), null);
 * ```
 */
export function drawQrCode(text: string): QrCode | null {
  if (new TextEncoder().encode(text).length > MOST_BYTES) return null;
  const { size, data } = encode(text, { ecc: "L", border: BORDER });
  return { size, path: drawModules(data) };
}
