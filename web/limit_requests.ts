import { define } from "./define.ts";

/** Characters that an address may have; what a share link holds is not sent. */
const MAX_ADDRESS = 8192;

/** Whether `escaped` is UTF-8 without control characters, once its escapes are read. */
function isReadable(escaped: string): boolean {
  try {
    return !/\p{Cc}/u.test(decodeURIComponent(escaped));
  } catch {
    return false;
  }
}

/** Refuses what no page of this site asks: long or malformed addresses, other methods. */
export const limitRequests = define.middleware((ctx) => {
  const { method, url } = ctx.req;
  if (url.length > MAX_ADDRESS) {
    return new Response("This address is too long.\n", { status: 414 });
  }
  if (!isReadable(ctx.url.pathname) || !isReadable(ctx.url.search)) {
    return new Response("This address is malformed.\n", { status: 400 });
  }
  if (method !== "GET" && method !== "HEAD") {
    return new Response("This site can only be read.\n", {
      status: 405,
      headers: { allow: "GET, HEAD" },
    });
  }
  return ctx.next();
});
