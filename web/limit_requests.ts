import { define } from "./define.ts";

/** Characters that an address may have; what a share link holds is not sent. */
const MAX_ADDRESS = 8192;

/** Refuses what no page of this site asks: long addresses, other methods. */
export const limitRequests = define.middleware((ctx) => {
  const { method, url } = ctx.req;
  if (url.length > MAX_ADDRESS) {
    return new Response("This address is too long.\n", { status: 414 });
  }
  if (method !== "GET" && method !== "HEAD") {
    return new Response("This site can only be read.\n", {
      status: 405,
      headers: { allow: "GET, HEAD" },
    });
  }
  return ctx.next();
});
