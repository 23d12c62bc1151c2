import {
  answerByText,
  type CompressedText,
  compressText,
} from "./compressed_text.ts";
import { define } from "./define.ts";

/**
 * Makes a middleware that keeps the pages of some addresses, once they are rendered
 * and compressed: an address gives the same page until the next build, and a browser
 * that has it already gets 304. Other addresses are never kept, so that what is
 * asked for can't fill the memory; nor are pages with a nonce (Fresh's own), since
 * each response must have another.
 */
export function keepPages(addresses: Pick<ReadonlySet<string>, "has">) {
  const pages = new Map<string, CompressedText>();
  return define.middleware(async (ctx) => {
    const address = ctx.url.pathname + ctx.url.search;
    const kept = pages.get(address);
    if (kept) return answerByText(kept, ctx.req);
    const response = await ctx.next();
    const type = response.headers.get("content-type");
    if (
      !addresses.has(address) || response.status !== 200 ||
      !type?.startsWith("text/html")
    ) return response;
    const text = await response.clone().text();
    if (text.includes(" nonce=")) return response;
    const page = await compressText(text, response.headers);
    pages.set(address, page);
    return answerByText(page, ctx.req);
  });
}
