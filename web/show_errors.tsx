import { HttpError } from "fresh";
import type { ComponentType } from "preact";
import { logFailure } from "../core/text/log_failure.ts";
import { findPage } from "./components/layout/pages.ts";
import { define } from "./define.ts";
import Failed from "./routes/_error.tsx";
import NotFound from "./routes/_404.tsx";

/**
 * What is shown where nothing was found: by the page whose address it is below, if
 * any, since `_app` names that. Asked for more often than any page, by programs.
 */
const kept = new Map<string, { html: string; headers: Headers }>();

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
    if (status !== 404) return await ctx.render(<Page />, { status });
    const place = findPage(ctx.url.pathname)?.path ?? "";
    const found = kept.get(place);
    if (found) {
      return new Response(found.html, { status, headers: found.headers });
    }
    const response = await ctx.render(<Page />, { status });
    const html = await response.clone().text();
    if (!html.includes(" nonce=")) {
      // Copied: the middlewares before this one go on to add to the response's own.
      kept.set(place, { html, headers: new Headers(response.headers) });
    }
    return response;
  }
});
