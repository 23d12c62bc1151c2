import { STATUS_TEXT } from "@std/http/status";
import { Hono } from "hono";
import { adaptMiddleware, type Router } from "./adapt_middleware.ts";
import { setBuildId } from "./build_id.ts";
import { compressResponse } from "./compress_response.ts";
import { Context } from "./context.ts";
import type { Middleware } from "./handlers.ts";
import { HttpError } from "./http_error.ts";
import { addRoutes, answerByRoute } from "./route.ts";
import type { Snapshot } from "./snapshot.ts";

/** What answers requests, as `Deno.serve` wants it. */
export type Handler = (request: Request) => Promise<Response>;

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
    router.notFound(() => {
      throw new HttpError(404);
    });
    router.onError((error) => {
      throw error;
    });
    return async (request) => {
      const context = new Context(request, built);
      try {
        const response = await router.fetch(request, { context });
        return await compressResponse(request, response);
      } catch (error) {
        context.error = error;
        return await answerError(context, built);
      }
    };
  }

  /** Serves the app on a port. */
  async listen(options: Deno.ServeTcpOptions): Promise<void> {
    await Deno.serve(options, this.handler()).finished;
  }

  /** Gives the app what a build made. */
  applySnapshot(snapshot: Snapshot<State>): void {
    this.#snapshot = snapshot;
    setBuildId(snapshot.buildId);
  }
}

/** What no middleware has caught, as the page `_error` or as plain text. */
async function answerError<State>(
  context: Context<State>,
  { routes }: Snapshot<State>,
): Promise<Response> {
  const { error, req } = context;
  const status = error instanceof HttpError ? error.status : 500;
  if (status >= 500) console.error(error);
  const response = routes._error
    ? await answerByRoute(context, routes._error, status)
    : new Response(STATUS_TEXT[status], { status });
  return req.method === "HEAD" ? new Response(null, response) : response;
}
