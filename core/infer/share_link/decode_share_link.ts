import type { Drawing } from "../../data/drawing/drawing.ts";
import { unframeStream } from "../dram_frame.ts";
import { decodeLinkText } from "../link_text.ts";
import { cleanLinkText } from "./clean_link_text.ts";
import { MOST_CHARACTERS } from "./link_limits.ts";
import type { ShareLink } from "./share_link.ts";
import { unpackDrawing } from "./unpack_drawing.ts";

/** What `read` gives; its errors begin with "This link does not hold a whole `what`". */
function explain<Result>(what: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    // deno-coverage-ignore Readers of bytes throw nothing else: a fault of ours would be told as one.
    if (!(error instanceof SyntaxError)) throw error;
    const rule = error.message.replace(/^Cannot [^:]*: /, "");
    throw new SyntaxError(`This link does not hold a whole ${what}: ${rule}`, {
      cause: error,
    });
  }
}

/** A place within a page, as `#main` is; no model's text begins with a letter. */
const ANCHOR = /^[A-Za-z][\w:-]*$/;

/** Most characters that one of a link can be escaped to, and what is added around it. */
const MOST_ESCAPED = 8;

function refuseLength(length: number): never {
  throw new RangeError(
    `This link is too long: it must have at most ${MOST_CHARACTERS} characters behind its #: it has ${length}`,
  );
}

/**
 * What {@linkcode encodeShareLink} put behind the `#` of `link`, a whole link or its
 * fragment, once {@linkcode cleanLinkText} has taken off what a chat or a mailer
 * added. Text from `dram --link` is such a link without a drawing.
 * null where the link carries nothing: the fragment is empty, or names a place
 * within a page.
 *
 * Everything is checked before anything is allocated that is larger than the link.
 * The model is whole, as its length and checksum say; whether it is one that can
 * run, `load` says. Throws a `SyntaxError` that tells a reader what is wrong with
 * the link, and a `RangeError` where it is too long.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { decodeShareLink } from "./decode_share_link.ts";
 *
 * assertEquals(decodeShareLink("#main"), null);
 * assertThrows(() => decodeShareLink("#1yAJ"), SyntaxError, "does not hold a whole model");
 * ```
 */
export function decodeShareLink(link: string): ShareLink | null {
  if (link.length > MOST_CHARACTERS * MOST_ESCAPED) refuseLength(link.length);
  const text = cleanLinkText(link);
  if (text.length > MOST_CHARACTERS) refuseLength(text.length);
  if (link === "" || link === "#" || ANCHOR.test(text)) return null;
  const wrong = /[^\w.-]/u.exec(text);
  if (wrong) {
    throw new SyntaxError(
      `This link does not hold a whole model: it must hold letters, digits, -, _ and a dot: it holds ${
        JSON.stringify(wrong[0])
      }`,
    );
  }
  const dot = text.indexOf(".");
  const dram = explain("model", () => {
    const bytes = decodeLinkText(dot < 0 ? text : text.slice(0, dot));
    unframeStream(bytes);
    return bytes;
  });
  const empty: Drawing = { strokes: [], image: null };
  const drawing = dot < 0
    ? empty
    : explain("drawing", () =>
      unpackDrawing(decodeLinkText(text.slice(dot + 1))));
  return { dram, drawing };
}
