import { define } from "./define.ts";
import { isAmong, tagText } from "./text_tag.ts";

/**
 * A route's handlers that serve the text that `write` gives, as `type`: written
 * and hashed once, with a strong ETag, 304 where the browser has it already. HEAD
 * is Fresh's own, by GET.
 */
export function serveText(write: () => string, type: string) {
  let written: Promise<{ text: string; etag: string }> | undefined;
  const prepare = async () => {
    const text = write();
    return { text, etag: await tagText(text) };
  };
  return define.handlers({
    async GET({ req }) {
      const { text, etag } = await (written ??= prepare());
      const headers = { etag, "cache-control": "no-cache" };
      if (isAmong(etag, req.headers.get("if-none-match"))) {
        return new Response(null, { status: 304, headers });
      }
      return new Response(text, {
        headers: { ...headers, "content-type": type },
      });
    },
  });
}
