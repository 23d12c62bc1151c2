import { decodeShareLink } from "../core/infer/share_link/decode_share_link.ts";
import type { ShareLink } from "../core/infer/share_link/share_link.ts";

/** What stands behind the `#`; what is wrong with it is said as of any other input. */
function decode(fragment: string): ShareLink | null {
  try {
    return decodeShareLink(fragment);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) {
      throw error;
    }
    const what = error.message.replace(/^This link /, "it ");
    throw new SyntaxError(`Cannot read this link: ${what}`, { cause: error });
  }
}

/**
 * The `.dram` file that stands behind the last `#` of `link`, be it of
 * `dram --link` or of the site's share button. Throws a `SyntaxError` where none
 * does.
 */
export function readLink(link: string): Uint8Array<ArrayBuffer> {
  const share = decode(link.slice(link.lastIndexOf("#")).trim());
  if (!share) {
    throw new SyntaxError(
      "Cannot read this link: it must hold a model behind its #: it holds none",
    );
  }
  return share.dram;
}
