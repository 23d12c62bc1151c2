import { Fragment, h, type VNode } from "preact";
import type { PageProps } from "./page_props.ts";
import { renderPage } from "./render_page.ts";
import type { Snapshot } from "./snapshot.ts";

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
