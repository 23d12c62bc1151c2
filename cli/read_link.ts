import { decodeShareLink } from "../core/infer/share_link/decode_share_link.ts";

/**
 * The `.dram` file that stands behind the last `#` of `link`, be it of
 * `dram --link` or of the site's share button. Throws a `SyntaxError` where none
 * does.
 */
export function readLink(link: string): Uint8Array<ArrayBuffer> {
  const share = decodeShareLink(link.slice(link.lastIndexOf("#")).trim());
  if (!share) {
    throw new SyntaxError(
      "Cannot read this link: it must hold a model behind its #: it holds none",
    );
  }
  return share.dram;
}
