/**
 * What a browser gives a service worker, as far as ours asks: caches, a network
 * and events; so that its decisions can be tested without a browser.
 *
 * @module
 */
import { runInNewContext } from "node:vm";

const ORIGIN = "https://retort.example";

/** What the server of a test answers at a path. */
export interface Resource {
  body: string;
  type?: string;
  cacheControl?: string;
  /** Its head or its body never comes. */
  stuck?: "head" | "body";
}

/** An event as the worker's listeners get it. */
interface WorkerEvent {
  waitUntil(promise: Promise<unknown>): void;
  request?: Request;
  respondWith?(response: Promise<Response>): void;
  data?: string[];
  ports?: { postMessage(message: unknown): void }[];
}

type Listener = (event: WorkerEvent) => void;

/** One cache: what was put under an address. */
class StoredResponses {
  readonly kept = new Map<string, Response>();

  match(
    request: Request | string,
    { ignoreSearch = false } = {},
  ): Promise<Response | undefined> {
    const strip = (address: string) =>
      ignoreSearch ? address.split("?")[0] : address;
    const wanted = strip(addressOf(request));
    const found = [...this.kept].find(([address]) => strip(address) === wanted);
    return Promise.resolve(found?.[1].clone());
  }

  async put(request: Request | string, response: Response): Promise<void> {
    if (response.status !== 200) throw new TypeError("only whole responses");
    const { status, headers } = response;
    const body = await response.arrayBuffer();
    this.kept.set(addressOf(request), new Response(body, { status, headers }));
  }
}

function addressOf(request: Request | string): string {
  return new URL(typeof request === "string" ? request : request.url, ORIGIN)
    .href;
}

/** `web/static/sw.js` running in a browser of our own. */
export class WorkerHost {
  /** The caches of the site, by name; they outlive a worker. */
  readonly stores: Map<string, StoredResponses>;
  /** Paths that were asked of the server, in order. */
  readonly asked: string[] = [];
  isOnline = true;
  readonly #listeners = new Map<string, Listener>();

  private constructor(
    readonly resources: Record<string, Resource>,
    stores: Map<string, StoredResponses>,
  ) {
    this.stores = stores;
  }

  /** Starts the worker of a build on a site of `resources`. */
  static async start(
    resources: Record<string, Resource>,
    { build = "b1", stores = new Map<string, StoredResponses>() } = {},
  ): Promise<WorkerHost> {
    const host = new WorkerHost(resources, stores);
    const file = new URL("../../../web/static/sw.js", import.meta.url);
    runInNewContext(await Deno.readTextFile(file), {
      URL,
      // A worker's patience, a hundred times as short.
      setTimeout: (run: () => void, ms: number) => setTimeout(run, ms / 100),
      fetch: (request: Request | string) => host.#fetch(request),
      location: new URL(`${ORIGIN}/sw.js?__frsh_c=${build}`),
      caches: {
        open: (name: string) => Promise.resolve(host.#open(name)),
        match: (request: Request) => host.#match(request),
        has: (name: string) => Promise.resolve(stores.has(name)),
        keys: () => Promise.resolve([...stores.keys()]),
        delete: (name: string) => Promise.resolve(stores.delete(name)),
      },
      self: {
        addEventListener: (type: string, listener: Listener) =>
          host.#listeners.set(type, listener),
        skipWaiting: () => Promise.resolve(),
        clients: { claim: () => Promise.resolve() },
      },
    });
    return host;
  }

  /** Paths of everything that is kept, sorted. */
  get kept(): string[] {
    return [...this.stores.values()]
      .flatMap(({ kept }) => [...kept.keys()])
      .map((address) => address.slice(ORIGIN.length)).sort();
  }

  /** Installs and activates the worker. */
  async install(): Promise<void> {
    await this.#dispatch("install", {});
    await this.#dispatch("activate", {});
  }

  /** Has the worker keep `paths`, as a page does; true once it says that it has. */
  async tell(paths: string[]): Promise<boolean> {
    let said = false;
    await this.#dispatch("message", {
      data: paths.map((path) => new URL(path, ORIGIN).href),
      ports: [{ postMessage: () => said = true }],
    });
    return said;
  }

  /** What a page gets at `path`; undefined where the worker leaves it alone. */
  async ask(
    path: string,
    init: RequestInit = {},
  ): Promise<string | number | undefined> {
    const request = new Request(new URL(path, ORIGIN), init);
    const answers: Promise<Response>[] = [];
    await this.#dispatch("fetch", {
      request,
      respondWith: (response) => answers.push(response),
    });
    const response = await answers[0];
    return response?.status === 200 ? await response.text() : response?.status;
  }

  #open(name: string): StoredResponses {
    const store = this.stores.get(name) ?? new StoredResponses();
    this.stores.set(name, store);
    return store;
  }

  async #match(request: Request): Promise<Response | undefined> {
    for (const store of this.stores.values()) {
      const found = await store.match(request);
      if (found) return found;
    }
  }

  #fetch(request: Request | string): Promise<Response> {
    if (!this.isOnline) return Promise.reject(new TypeError("no network"));
    const path = addressOf(request).slice(ORIGIN.length);
    this.asked.push(path);
    const found = this.resources[path];
    if (!found) return Promise.resolve(new Response("none", { status: 404 }));
    const { body, type = "text/plain", cacheControl = "no-cache" } = found;
    const headers = { "content-type": type, "cache-control": cacheControl };
    if (found.stuck === "head") return new Promise(() => {});
    const content = found.stuck ? new ReadableStream() : body;
    return Promise.resolve(new Response(content, { headers }));
  }

  /** Calls the listener, and waits for all that it said to wait for. */
  async #dispatch(type: string, event: Partial<WorkerEvent>): Promise<void> {
    const waited: Promise<unknown>[] = [];
    this.#listeners.get(type)?.({
      ...event,
      waitUntil: (promise) => waited.push(promise),
      respondWith: (response) => {
        waited.push(response.catch(() => {}));
        event.respondWith?.(response);
      },
    });
    // A response that is on its way may add more to wait for; after it, a browser
    // waits on, and a page doesn't.
    for (let i = 0; i < waited.length; i++) {
      if (type !== "fetch" || i === 0) await waited[i];
    }
  }
}
