import { createFileResponse } from "@remix-run/response/file";
import { acceptsEncodings } from "@std/http/negotiation";
import { BUILD_PARAMETER } from "./asset.ts";
import type { Middleware } from "./context.ts";
import { HttpError } from "./http_error.ts";
import { readStaticFile } from "./read_static_file.ts";
import type { Assets } from "./built_assets.ts";

/**
 * Serves the files of static/ and the scripts that the build made: only what
 * the build listed, so that no address leads elsewhere.
 */
export function staticFiles<State>(): Middleware<State> {
  return async (ctx) => {
    const { req, url, built } = ctx;
    const location = built.files.get(url.pathname);
    // What is compressed ahead of time is another form of a file, not one more.
    const isForm = /\.(br|gz)$/.test(url.pathname);
    if (!location || isForm) return await ctx.next();
    if (req.method !== "GET" && req.method !== "HEAD") throw new HttpError(405);
    const [coding, form] = chooseForm(req, url.pathname, built) ?? [];
    const { file, digest } = await readStaticFile(
      url.pathname,
      form ?? location,
      built.mode,
    );
    const response = await createFileResponse(file, withStrongTags(req), {
      etag: "strong",
      digest: () => Promise.resolve(digest),
      lastModified: false,
      cacheControl: cacheControl(url, built),
    });
    if (coding) {
      response.headers.set("content-encoding", coding);
      const tag = response.headers.get("etag");
      if (coding === "gzip" && tag) response.headers.set("etag", `W/${tag}`);
    }
    return response;
  };
}

/** How a file was compressed ahead of time, and where that lies, as the request takes it. */
function chooseForm(
  request: Request,
  path: string,
  { files }: Assets,
): [coding: string, location: URL] | undefined {
  const [brotli, gzip] = [files.get(`${path}.br`), files.get(`${path}.gz`)];
  if (!brotli || !request.headers.get("accept-encoding")) return undefined;
  // One after the other: of several it takes the one that the header names first.
  const takes = (coding: string) =>
    acceptsEncodings(request, coding, "identity") === coding;
  if (takes("br")) return ["br", brotli];
  return gzip && takes("gzip") ? ["gzip", gzip] : undefined;
}

/** The request with its tags as they were before compression made them weak. */
function withStrongTags(request: Request): Request {
  const tags = request.headers.get("if-none-match");
  if (tags === null) return request;
  const headers = new Headers(request.headers);
  headers.set("if-none-match", tags.replaceAll("W/", ""));
  return new Request(request, { headers });
}

/** For ever where the address names the build; otherwise asked each time. */
function cacheControl(url: URL, { buildId, mode }: Assets): string {
  const immutable = mode === "production" &&
    (url.searchParams.get(BUILD_PARAMETER) === buildId ||
      url.pathname.startsWith(`/_fresh/js/${buildId}/`));
  return immutable ? "public, max-age=31536000, immutable" : "no-cache";
}
