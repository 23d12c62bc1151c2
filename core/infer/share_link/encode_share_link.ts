import { encodeLinkText } from "../link_text.ts";
import { MOST_CHARACTERS } from "./link_limits.ts";
import { packDrawing } from "./pack_drawing.ts";
import type { ShareLink } from "./share_link.ts";

/**
 * What stands behind the `#` of a link that carries a model and a drawing: the
 * `.dram` file as `encodeLinkText` writes it and, where something is drawn, a dot
 * and the drawing. No server is asked for either: a browser sends no fragment.
 * Points that `snapPoint` leaves where they are come back exactly.
 *
 * Throws a `RangeError` where the model or the drawing is too large for a link, a
 * coordinate is no finite number, or the image not 28×28.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../../../tests/core/infer/small_model.ts";
 * import { decodeShareLink } from "./decode_share_link.ts";
 * import { encodeShareLink } from "./encode_share_link.ts";
 *
 * const strokes = [{ points: [{ x: 14, y: 4 }, { x: 13.5, y: 24 }] }];
 * const share = { dram: smallDram(), drawing: { strokes, image: null } };
 * assertEquals(decodeShareLink(encodeShareLink(share)), share);
 * ```
 */
export function encodeShareLink({ dram, drawing }: ShareLink): string {
  const packed = packDrawing(drawing);
  // The first byte says only that nothing is drawn.
  const isEmpty = packed.length === 1;
  const length = (dram.length + packed.length) * 4 / 3;
  if (length > MOST_CHARACTERS - 4) {
    throw new RangeError(
      `Cannot put this model in a link: it must have at most ${MOST_CHARACTERS} characters: it would have ${
        Math.ceil(length)
      }`,
    );
  }
  const model = encodeLinkText(dram);
  return isEmpty ? model : `${model}.${encodeLinkText(packed)}`;
}
