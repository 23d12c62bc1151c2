/**
 * The part of Fresh 2's interface that `web/` uses, on Hono and preact, for
 * where JSR can't be reached; by another import map the same app runs on
 * Fresh itself (`deno task web:fresh`).
 *
 * @module
 */
export { App } from "./app.ts";
export {
  type Context,
  type HandlerByMethod,
  type HandlerFn,
  type Middleware,
  page,
  type PageProps,
  type PageResponse,
  type RouteHandler,
} from "./context.ts";
export { csp, type CSPOptions } from "./csp.ts";
export { createDefine, type Define } from "./define.ts";
export { HttpError } from "./http_error.ts";
export { staticFiles } from "./static_files.ts";
