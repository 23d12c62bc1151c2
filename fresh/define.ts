import type { AnyComponent } from "preact";
import type {
  HandlerByMethod,
  HandlerFn,
  Middleware,
  PageProps,
  RouteHandler,
} from "./context.ts";

/** The data that a route's handler gives its page. */
type DataOf<Handler, State> = Handler extends HandlerFn<infer Data, State>
  ? Data
  : Handler extends HandlerByMethod<infer Data, State> ? Data
  : never;

/** Identity functions that type routes and middlewares by the app's state. */
export interface Define<State> {
  handlers<
    Data,
    Handlers extends RouteHandler<Data, State> = RouteHandler<Data, State>,
  >(handlers: Handlers): Handlers;
  page<
    Handler extends RouteHandler<unknown, State> = never,
    Data = DataOf<Handler, State>,
  >(
    component: AnyComponent<PageProps<Data, State>>,
  ): AnyComponent<PageProps<Data, State>>;
  middleware<M extends Middleware<State> | Middleware<State>[]>(
    middleware: M,
  ): M;
}

/** Makes the functions by which routes say their types. */
export function createDefine<State>(): Define<State> {
  return {
    handlers: (handlers) => handlers,
    page: (component) => component,
    middleware: (middleware) => middleware,
  };
}
