import { define } from "./define.ts";
import { isAmong, tagText } from "./text_tag.ts";

/** A page as it was rendered, compressed. */
interface Page {
  gzipped: Uint8Array<ArrayBuffer>;
  headers: Headers;
  tag: string;
}

/** How many pages are kept: those that were asked for last. */
const MAX_PAGES = 32;

const pages = new Map<string, Page>();

/**
 * Keeps pages once they are rendered and compressed, since an address gives the
 * same page until the next build; a browser that has one already gets 304. Pages
 * with a nonce (Fresh's own) are not kept: each response must have another.
 */
export const keepPages = define.middleware(async (ctx) => {
  const address = ctx.url.pathname + ctx.url.search;
  let page = pages.get(address);
  if (!page) {
    const response = await ctx.next();
    const type = response.headers.get("content-type");
    if (response.status !== 200 || !type?.startsWith("text/html")) {
      return response;
    }
    const text = await response.clone().text();
    if (text.includes(" nonce=")) return response;
    page = await preparePage(text, response.headers);
  }
  pages.delete(address); // to be set anew, as the latest
  pages.set(address, page);
  for (const oldest of pages.keys()) {
    if (pages.size > MAX_PAGES) pages.delete(oldest);
  }
  return answerBy(page, ctx.req.headers);
});

async function preparePage(text: string, given: Headers): Promise<Page> {
  const gzip = new Blob([text]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const gzipped = await new Response(gzip).bytes();
  const tag = await tagText(text);
  const headers = new Headers(given);
  headers.set("etag", `W/${tag}`);
  headers.set("vary", "accept-encoding");
  return { gzipped, headers, tag };
}

function answerBy(page: Page, asked: Headers): Response {
  const headers = new Headers(page.headers);
  if (isAmong(page.tag, asked.get("if-none-match"))) {
    return new Response(null, { status: 304, headers });
  }
  const accepted = asked.get("accept-encoding") ?? "";
  if (!/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(accepted)) {
    const html = new Blob([page.gzipped]).stream()
      .pipeThrough(new DecompressionStream("gzip"));
    return new Response(html, { headers });
  }
  headers.set("content-encoding", "gzip");
  return new Response(page.gzipped, { headers });
}
