import { decodeShareLink } from "../../core/infer/share_link/decode_share_link.ts";
import type { ShareLink } from "../../core/infer/share_link/share_link.ts";

/** What `link` holds; what is wrong with it is said as of any other input. */
function decode(link: string): ShareLink | null {
  try {
    return decodeShareLink(link);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) {
      throw error;
    }
    const what = error.message.replace(/^This link /, "it ");
    throw new SyntaxError(`Cannot read this link: ${what}`, { cause: error });
  }
}

/**
 * The `.dram` file that stands behind the `#` of `link`, be it of `dram --link` or
 * of the site's share button, with what a chat or a mailer added to it. Throws a `SyntaxError` where none
 * does.
 */
export function readLink(link: string): Uint8Array<ArrayBuffer> {
  const share = decode(link);
  if (!share) {
    throw new SyntaxError(
      "Cannot read this link: it must hold a model behind its #: it holds none",
    );
  }
  return share.dram;
}
