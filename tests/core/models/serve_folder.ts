/** Serves the files of `folder` on this machine until the scope ends. */
export function serveFolder(
  folder: string,
): AsyncDisposable & { url: string } {
  const server = Deno.serve(
    { port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith("/broken/")) {
        return new Response("out of order", { status: 500 });
      }
      try {
        return new Response(await Deno.readFile(`${folder}${pathname}`));
      } catch {
        return new Response("none", { status: 404 });
      }
    },
  );
  return {
    url: `http://localhost:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
