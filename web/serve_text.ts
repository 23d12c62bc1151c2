import {
  answerByText,
  type CompressedText,
  compressText,
} from "./compressed_text.ts";
import { define } from "./define.ts";

/**
 * A route's handlers that serve the text that `write` gives, as `type`: written,
 * compressed and hashed once, with an ETag, 304 where the browser has it already.
 * HEAD is Fresh's own, by GET.
 */
export function serveText(write: () => string, type: string) {
  let written: Promise<CompressedText> | undefined;
  const headers = { "content-type": type, "cache-control": "no-cache" };
  return define.handlers({
    async GET({ req }) {
      written ??= compressText(write(), headers);
      return answerByText(await written, req);
    },
  });
}
