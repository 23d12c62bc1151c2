import {
  type AnyComponent,
  Fragment,
  type FunctionComponent,
  h,
  type VNode,
} from "preact";
import type { Assets } from "./built_assets.ts";
import { renderPage } from "./render_page.ts";

/** Where in the chain of middlewares a request is. */
interface Place {
  next: () => Promise<void>;
  router: { res: Response };
}

/** One request on its way through middlewares and handlers. */
export class Context<State> {
  readonly req: Request;
  readonly url: URL;
  /** Who asked, as the server tells. */
  readonly info: Deno.ServeHandlerInfo;
  readonly state: State = {} as State;
  /** What the build made; not part of Fresh's interface. */
  readonly built: Snapshot<State>;
  /** Values of the path's parameters. */
  params: Record<string, string> = {};
  /** What was thrown, for `_error`. */
  error: unknown = null;
  /** The router's place in the chain of middlewares. */
  #place?: Place;

  constructor(
    req: Request,
    built: Snapshot<State>,
    info: Deno.ServeHandlerInfo,
  ) {
    this.req = req;
    this.url = new URL(req.url);
    this.info = info;
    this.built = built;
  }

  /** Asks what comes next for the response. */
  async next(): Promise<Response> {
    const place = this.#place;
    if (!place) throw new Error("Cannot go on: nothing comes next");
    await place.next();
    return place.router.res;
  }

  /**
   * Says what `next` asks, before each middleware; not part of Fresh's interface.
   * A function made for each, in place of this, had a server hold twice the memory.
   */
  enter(place: Place): void {
    this.#place = place;
  }

  /** Renders an element within the app's shell, `_app`. */
  // deno-lint-ignore require-await
  async render<Props>(
    page: VNode<Props> | null,
    init?: ResponseInit,
  ): Promise<Response> {
    const shell = this.built.routes._app?.default;
    const { html, scripts } = renderPage(
      this.built,
      page,
      (Component) =>
        shell ? h(shell, { ...this.pageProps(null), Component }) : h(
          "html",
          null,
          h("head", null),
          h("body", null, h(Component, null)),
        ),
    );
    const headers = new Headers(init?.headers);
    headers.set("content-type", "text/html; charset=utf-8");
    for (const script of scripts) {
      headers.append("link", `<${script}>; rel="modulepreload"`);
    }
    return new Response(html, { ...init, headers });
  }

  /** What a component of this request is given. */
  pageProps<Data>(data: Data): PageProps<Data, State> {
    const { req, url, params, state, error } = this;
    const Component = () => h(Fragment, null);
    return { req, url, params, state, error, data, Component };
  }
}

/** What a page, `_app` and `_error` are given. */
export type PageProps<Data = unknown, State = unknown> =
  & Pick<Context<State>, "url" | "req" | "params" | "state" | "error">
  & {
    /** What the handler gave to `page`. */
    data: Data;
    /** The page, in `_app`. */
    Component: FunctionComponent;
  };

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
 * import { page } from "./context.ts";
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

/** A module of routes/. */
export interface RouteModule<State> {
  default?: AnyComponent<PageProps<unknown, State>>;
  handler?: RouteHandler<unknown, State>;
}

/** All that a build makes of an app's folder. */
export interface Snapshot<State> extends Assets {
  /** Modules of routes/ by path without extension: `api/models`, `_app`. */
  routes: Readonly<Record<string, RouteModule<State>>>;
}
