import {
  answerByText,
  type CompressedText,
  compressText,
} from "./compressed_text.ts";
import { define } from "./define.ts";

/** How many pages are kept: those that were asked for last. */
const MAX_PAGES = 32;

const pages = new Map<string, CompressedText>();

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
    page = await compressText(text, response.headers);
  }
  pages.delete(address); // to be set anew, as the latest
  pages.set(address, page);
  for (const oldest of pages.keys()) {
    if (pages.size > MAX_PAGES) pages.delete(oldest);
  }
  return answerByText(page, ctx.req.headers);
});
