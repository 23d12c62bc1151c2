import { App, csp, staticFiles } from "fresh";
import { define, type State } from "./define.ts";

/** Says on every response that the middleware saw it. */
const stamp = define.middleware(async (ctx) => {
  ctx.state.greeting = "hello";
  const response = await ctx.next();
  response.headers.set("x-stamp", ctx.url.pathname);
  return response;
});

/** A small app that has one of everything that the site uses of Fresh. */
export const app = new App<State>()
  .use(csp({ useNonce: true, csp: ["img-src 'self' data: blob:"] }))
  .use(stamp)
  .use(staticFiles())
  .fsRoutes();
