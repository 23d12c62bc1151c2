import { define } from "./define.ts";

/** The strong ETag of `text`: its SHA-256. */
async function tagText(text: string): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(text),
  );
  const bytes = Array.from(new Uint8Array(digest).slice(0, 16));
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `"${hex}"`;
}

/** Whether `tag` is among those of an If-None-Match header, which compares weakly. */
function isAmong(tag: string, header: string): boolean {
  return header.split(",").some((each) => {
    const known = each.trim();
    return known === "*" || known.replace(/^W\//, "") === tag;
  });
}

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
      if (isAmong(etag, req.headers.get("if-none-match") ?? "")) {
        return new Response(null, { status: 304, headers });
      }
      return new Response(text, {
        headers: { ...headers, "content-type": type },
      });
    },
  });
}
