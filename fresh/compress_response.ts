import { isCompressibleMimeType } from "@remix-run/mime";
import { acceptsEncodings } from "@std/http/negotiation";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const compress = promisify(gzip);

/** Bytes below which a packet is not worth compressing. */
const MIN_BYTES = 1024;

/**
 * Compresses a response by gzip, where the browser takes it so and it is text.
 * Bodies are compressed whole: one CompressionStream a response would hold a
 * quarter of a megabyte each until it is collected.
 */
export async function compressResponse(
  request: Request,
  response: Response,
): Promise<Response> {
  const { body, headers, status } = response;
  const isText = isCompressibleMimeType(headers.get("content-type") ?? "");
  if (status === 206 || !isText) return response;
  if (!headers.has("vary")) headers.set("vary", "accept-encoding");
  const isWanted = acceptsEncodings(request, "gzip", "identity") === "gzip";
  if (!body || !isWanted || headers.has("content-encoding")) return response;
  const bytes = await response.bytes();
  if (bytes.length < MIN_BYTES) return new Response(bytes, response);
  headers.set("content-encoding", "gzip");
  headers.delete("content-length");
  const tag = headers.get("etag");
  if (tag?.startsWith('"')) headers.set("etag", `W/${tag}`);
  return new Response(Uint8Array.from(await compress(bytes)), response);
}
