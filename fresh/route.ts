import { h } from "preact";
import { adaptMiddleware, type Router } from "./adapt_middleware.ts";
import type {
  Context,
  HandlerByMethod,
  HandlerFn,
  RouteModule,
  Snapshot,
} from "./context.ts";
import { HttpError } from "./http_error.ts";
import { comparePatterns, routePattern } from "./route_pattern.ts";

/** Adds routes to a router, the most specific first. */
export function addRoutes<State>(
  router: Router<State>,
  routes: Snapshot<State>["routes"],
): void {
  Object.entries(routes)
    .filter(([path]) => !/^_(app|404|error)$/.test(path))
    .map(([path, route]) => [routePattern(path), route] as const)
    .sort(([a], [b]) => comparePatterns(a, b))
    .forEach(([pattern, route]) =>
      router.all(
        pattern,
        adaptMiddleware<State>((ctx) => answerByRoute(ctx, route)),
      )
    );
}

/** Answers a request by a route: its handler, then its page if it has one. */
export async function answerByRoute<State>(
  ctx: Context<State>,
  route: RouteModule<State>,
  status = 200,
): Promise<Response> {
  const answer = await findHandler(route, ctx.req.method)(ctx);
  if (answer instanceof Response) return answer;
  const { default: component } = route;
  return ctx.render(
    component ? h(component, ctx.pageProps(answer.data)) : null,
    { status: answer.status ?? status, headers: answer.headers },
  );
}

/** A page without handlers answers every method, one with some also GET. */
function findHandler<State>(
  { default: component, handler }: RouteModule<State>,
  method: string,
): HandlerFn<unknown, State> {
  const render = () => ({ data: undefined });
  if (typeof handler === "function") return handler;
  if (component && !handler) return render;
  const handlers: HandlerByMethod<unknown, State> = {
    ...(component && { GET: render }),
    ...handler,
  };
  const found = Object.entries(handlers).find(([key]) => key === method)?.[1] ??
    (method === "HEAD" ? handlers.GET : undefined);
  if (!found) throw new HttpError(405);
  return found;
}
