import type { Context } from "./context.ts";

/** What a handler gives for the route's component to render. */
export interface PageResponse<Data> {
  data: Data;
  headers?: HeadersInit;
  status?: number;
}

/** Answers a request, or gives the data of the route's page. */
export type HandlerFn<Data, State> = (
  ctx: Context<State>,
) =>
  | Response
  | PageResponse<Data>
  | Promise<Response | PageResponse<Data>>;

/** The methods that handlers are keyed by. */
export type Method =
  | "GET"
  | "HEAD"
  | "POST"
  | "PUT"
  | "PATCH"
  | "DELETE"
  | "OPTIONS";

/** One handler a method; `GET` answers `HEAD` too. */
export type HandlerByMethod<Data, State> = {
  [M in Method]?: HandlerFn<Data, State>;
};

/** A handler of every method, or one handler a method. */
export type RouteHandler<Data, State> =
  | HandlerFn<Data, State>
  | HandlerByMethod<Data, State>;

/** Does something before and after what comes next. */
export type Middleware<State> = (
  ctx: Context<State>,
) => Response | Promise<Response>;

/**
 * Gives data to the page of the route, with its status and headers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { page } from "./handlers.ts";
 *
 * assertEquals(page({ digit: 7 }, { status: 201 }).status, 201);
 * ```
 */
export function page(): PageResponse<undefined>;
export function page<Data>(
  data: Data,
  options?: Omit<PageResponse<Data>, "data">,
): PageResponse<Data>;
export function page<Data>(
  data?: Data,
  options?: Omit<PageResponse<Data>, "data">,
): PageResponse<Data | undefined> {
  return { data, ...options };
}
