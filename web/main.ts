/**
 * Retort's site: draw a digit, see the tradeoff, look inside a model.
 *
 * @module
 */
import { App, csp, staticFiles } from "fresh";
import type { State } from "./define.ts";
import { keepPages } from "./keep_pages.ts";
import { PAGES } from "./components/layout/pages.ts";
import { limitRequests } from "./limit_requests.ts";
import { secureResponses } from "./secure_responses.ts";
import { setCaching } from "./set_caching.ts";
import { showErrors } from "./show_errors.tsx";
import { models } from "./site_study.ts";
import { speakOfHttps } from "./speak_of_https.ts";

/** The addresses that the site's own links lead to, each model's among them. */
const ADDRESSES = new Set([
  ...PAGES.map(({ path }) => path),
  ...["/", "/inside"].flatMap((path) =>
    models.map(({ name }) => `${path}?model=${name}`)
  ),
]);

/** The app: `deno task web` serves it from here, `_fresh/server.js` once built. */
export const app = new App<State>()
  .use(speakOfHttps)
  .use(csp({
    // Fresh has one inline script a page, and puts its nonce for 'unsafe-inline'.
    useNonce: true,
    csp: [
      "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'",
      "style-src 'self'",
      "img-src 'self' data: blob:",
    ],
  }))
  .use(secureResponses)
  .use(setCaching)
  .use(limitRequests)
  .use(showErrors)
  .use(keepPages(ADDRESSES))
  .use(staticFiles())
  .fsRoutes();
