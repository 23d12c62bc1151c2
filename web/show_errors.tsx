import { HttpError } from "fresh";
import type { ComponentType } from "preact";
import { logFailure } from "../core/text/log_failure.ts";
import { define } from "./define.ts";
import Failed from "./routes/_error.tsx";
import NotFound from "./routes/_404.tsx";

/**
 * Shows what was thrown as a page of this site. Fresh does so by `_error.tsx`
 * as well, but outside of the middlewares: its answer would lack the headers
 * that they set.
 */
export const showErrors = define.middleware(async (ctx) => {
  try {
    return await ctx.next();
  } catch (error) {
    const status = error instanceof HttpError ? error.status : 500;
    if (status >= 500) logFailure(error);
    else if (status !== 404) {
      return new Response("This site can't answer that.\n", { status });
    }
    const Page = (status === 404 ? NotFound : Failed) as ComponentType;
    return await ctx.render(<Page />, { status });
  }
});
