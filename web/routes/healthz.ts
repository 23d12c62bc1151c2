import { define } from "../define.ts";

/** Says that the server answers. */
export const handler = define.handlers({
  GET: () =>
    new Response("ok\n", {
      headers: { "cache-control": "no-store", "content-length": "3" },
    }),
});
