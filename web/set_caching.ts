import { define } from "./define.ts";

/** Folders whose files have the hash of their bytes in their names. */
const HASHED = /^\/(models|samples)\//;

/**
 * Lets files that are named by their hash be kept for ever; all else whose
 * caching nobody has set is asked for again each time.
 */
export const setCaching = define.middleware(async (ctx) => {
  const response = await ctx.next();
  const { headers, status } = response;
  if (HASHED.test(ctx.url.pathname) && status < 400) {
    headers.set("cache-control", "public, max-age=31536000, immutable");
  } else if (!headers.has("cache-control")) {
    headers.set("cache-control", "no-cache");
  }
  return response;
});
