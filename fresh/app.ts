import { STATUS_TEXT } from "@std/http/status";
import { Hono } from "hono";
import { adaptMiddleware, type Router } from "./adapt_middleware.ts";
import { setBuildId } from "./build_id.ts";
import { logFailure } from "../core/text/log_failure.ts";
import { compressResponse } from "./compress_response.ts";
import { Context, type Middleware, type Snapshot } from "./context.ts";
import { HttpError } from "./http_error.ts";
import { type Handler, listen, type ListenOptions } from "./listen.ts";
import { MALFORMED } from "./read_request.ts";
import { addRoutes, answerByRoute } from "./route.ts";

/** Who asks where no server tells. */
const NOBODY: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "localhost", port: 0 },
  completed: Promise.resolve(),
};

/** An app: middlewares, and the routes of the folder routes/. */
export class App<State> {
  readonly #steps: ((router: Router<State>, built: Snapshot<State>) => void)[] =
    [];
  #snapshot: Snapshot<State> | null = null;

  /** Adds a middleware for every request. */
  use(middleware: Middleware<State>): this {
    this.#steps.push((router) => router.use(adaptMiddleware(middleware)));
    return this;
  }

  /** Adds the routes of the folder routes/, as the build found them. */
  fsRoutes(): this {
    this.#steps.push((router, { routes }) => addRoutes(router, routes));
    return this;
  }

  /** Makes the function that answers requests. */
  handler(): Handler {
    const built = this.#snapshot;
    if (!built) {
      throw new Error(
        "Cannot answer requests: the app is not built: start _fresh/server.js, or build it by fresh/dev",
      );
    }
    const router: Router<State> = new Hono({ strict: false });
    for (const step of this.#steps) step(router, built);
    router.notFound(({ env: { context } }) => {
      throw new HttpError(context.url.pathname === UNREADABLE ? 400 : 404);
    });
    router.onError((error) => {
      throw error;
    });
    return async (asked, info = NOBODY) => {
      const request = readable(asked);
      const context = new Context(request, built, info);
      try {
        const response = await router.fetch(request, { context });
        return await compressResponse(request, response);
      } catch (error) {
        context.error = error;
        return await answerError(context, built);
      }
    };
  }

  /** Serves the app on a port, until `signal` is aborted. */
  async listen(options: ListenOptions = {}): Promise<void> {
    await listen(this.handler(), options);
  }

  /** Gives the app what a build made. */
  applySnapshot(snapshot: Snapshot<State>): void {
    this.#snapshot = snapshot;
    setBuildId(snapshot.buildId);
  }
}

/** The path of malformed requests. */
const UNREADABLE = new URL(MALFORMED).pathname;

/**
 * The request, where its address can be read; else one for an address that is
 * as malformed but parses, so that middlewares run around the answer 400 too.
 */
function readable(request: Request): Request {
  if (URL.canParse(readAddress(request))) return request;
  return new Request(MALFORMED, {
    method: request.method === "HEAD" ? "HEAD" : "GET",
  });
}

/** The address that was asked for; empty where Deno can't make one of it. */
function readAddress(request: Request): string {
  try {
    return request.url;
  } catch {
    return "";
  }
}

/** What no middleware has caught, as the page `_error` or as plain text. */
async function answerError<State>(
  context: Context<State>,
  { routes }: Snapshot<State>,
): Promise<Response> {
  const { error, req } = context;
  const status = error instanceof HttpError ? error.status : 500;
  if (status >= 500) logFailure(error);
  const response = routes._error
    ? await answerByRoute(context, routes._error, status)
    : new Response(STATUS_TEXT[status], { status });
  return req.method === "HEAD" ? new Response(null, response) : response;
}
