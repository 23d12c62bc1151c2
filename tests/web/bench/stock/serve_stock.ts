import { brotliCompressSync } from "node:zlib";

/** Files on a port of their own. */
export interface StockServer {
  /** As in "http://127.0.0.1:8000". */
  origin: string;
  /** Ends the server. */
  stop(): Promise<void>;
}

const TYPES: Record<string, string> = {
  js: "text/javascript",
  json: "application/json",
  wasm: "application/wasm",
  bin: "application/octet-stream",
};

/** Headers that describe a body, and not how a page is to be treated. */
const OF_BODY = /^(content-(?!security)|etag|link|vary|date|cache-control)/;

/** Serves `files`, compressed before as well as it goes, with the headers of `like`. */
export function serveStock(
  files: Map<string, Uint8Array<ArrayBuffer>>,
  like: Headers,
): StockServer {
  const packed = new Map(
    [...files].map(([path, bytes]) => [
      path,
      new Uint8Array(brotliCompressSync(bytes)),
    ]),
  );
  const common = [...like].filter(([name]) => !OF_BODY.test(name));
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { pathname } = new URL(request.url);
      const body = packed.get(pathname);
      if (!body) return new Response(null, { status: 404 });
      const headers = new Headers(common);
      const ending = pathname.split(".").at(-1) ?? "";
      headers.set("content-type", TYPES[ending] ?? "text/html; charset=utf-8");
      headers.set("content-encoding", "br");
      return new Response(body, { headers });
    },
  );
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    stop: () => server.shutdown(),
  };
}
