import { define } from "./define.ts";

const HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy":
    "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "referrer-policy": "strict-origin-when-cross-origin",
  "x-content-type-options": "nosniff",
};

/** Sets the headers that keep this site's pages to themselves. */
export const secureResponses = define.middleware(async (ctx) => {
  const response = await ctx.next();
  for (const [name, value] of Object.entries(HEADERS)) {
    response.headers.set(name, value);
  }
  return response;
});
