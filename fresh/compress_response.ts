import { acceptsEncodings } from "@std/http/negotiation";
import { COMPRESSIBLE_CONTENT_TYPE_REGEX as TEXT } from "hono/compress";
import { gzipSync } from "node:zlib";

/** Bytes below which a body fits into a packet anyhow. */
const MIN_BYTES = 1024;

/**
 * Compresses a text by gzip, where the browser takes it so. Neither a
 * CompressionStream, which holds a quarter of a megabyte until it is collected,
 * nor even a look at the body of what is sent as it is: that makes a stream of it.
 */
export async function compressResponse(
  request: Request,
  response: Response,
): Promise<Response> {
  const { headers, status } = response;
  const isText = TEXT.test(headers.get("content-type") ?? "");
  if (status === 206 || !isText) return response;
  if (!headers.has("vary")) headers.set("vary", "accept-encoding");
  const isWanted = !headers.has("content-encoding") &&
    request.method === "GET" &&
    Boolean(request.headers.get("accept-encoding")) &&
    acceptsEncodings(request, "gzip", "identity") === "gzip";
  if (!isWanted || status === 304) return response;
  const text = await response.bytes();
  if (text.length < MIN_BYTES) {
    headers.set("content-length", `${text.length}`);
    return new Response(text, response);
  }
  const compressed = gzipSync(text);
  headers.set("content-encoding", "gzip");
  headers.set("content-length", `${compressed.length}`);
  const tag = headers.get("etag");
  if (tag?.startsWith('"')) headers.set("etag", `W/${tag}`);
  return new Response(Uint8Array.from(compressed), response);
}
