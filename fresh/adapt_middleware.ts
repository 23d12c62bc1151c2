import type { Context as RouterContext, Hono, Next } from "hono";
import type { Context, Middleware } from "./context.ts";

/** Hono, with the context of Fresh as what the server passes along. */
export type Router<State> = Hono<Env<State>>;

interface Env<State> {
  Bindings: { context: Context<State> };
}

/** Makes a middleware of Fresh one of Hono. */
export function adaptMiddleware<State>(
  middleware: Middleware<State>,
): (c: RouterContext<Env<State>>, next: Next) => Promise<void> {
  return async (c, next) => {
    const { context } = c.env;
    context.params = c.req.param();
    context.enter({ next, router: c });
    const response = await middleware(context);
    c.res = undefined; // a response set over another one takes on its headers
    c.res = response;
  };
}
