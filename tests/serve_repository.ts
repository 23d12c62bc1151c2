/** A server of this repository's files, on a port of its own. */
export interface RepositoryServer extends AsyncDisposable {
  /** Where it answers, with a slash at its end. */
  url: string;
  /** Paths of the files that were asked for and found. */
  served: Set<string>;
}

/** The content type that a plain web host should give, or Deno guesses wrongly. */
function contentType(path: string): string {
  if (/\.tsx?$/.test(path)) return "application/typescript";
  if (path.endsWith(".json")) return "application/json";
  return "application/octet-stream";
}

/**
 * Serves the files under `root` on localhost; those under a folder of `mounts`
 * come from another folder of this machine, by its path.
 */
export function serveRepository(
  root: URL,
  mounts: Record<string, string>,
): RepositoryServer {
  const served = new Set<string>();
  const locate = (path: string): URL | string => {
    for (const [prefix, folder] of Object.entries(mounts)) {
      if (path.startsWith(`${prefix}/`)) {
        return `${folder}${path.slice(prefix.length)}`;
      }
    }
    return new URL(path, root);
  };
  const answer = async (request: Request): Promise<Response> => {
    const path = new URL(request.url).pathname.slice(1);
    try {
      const content = await Deno.readFile(locate(path));
      served.add(path);
      return new Response(content, {
        headers: { "content-type": contentType(path) },
      });
    } catch {
      return new Response("There is no such file", { status: 404 });
    }
  };
  const server = Deno.serve(
    { hostname: "localhost", port: 0, onListen: () => {} },
    answer,
  );
  return {
    url: `http://localhost:${server.addr.port}/`,
    served,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
