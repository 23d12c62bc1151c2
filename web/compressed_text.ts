import { acceptsEncodings } from "@std/http/negotiation";
import { isAmong, tagText } from "./text_tag.ts";

/** Bytes of an answer up to which it is handed over whole. */
const PIECE = 16 * 1024;

/** A text that is served more than once, compressed and hashed once. */
export interface CompressedText {
  gzipped: Uint8Array<ArrayBuffer>;
  /** The text itself, while any who takes no gzip still reads it. */
  plain: WeakRef<Uint8Array<ArrayBuffer>>;
  /** What goes with it, but for what depends on the encoding. */
  headers: Headers;
  /** Its strong ETag. */
  tag: string;
}

/** Compresses a text by gzip, to be served with `headers`. */
export async function compressText(
  text: string,
  headers: HeadersInit,
): Promise<CompressedText> {
  const plain = new TextEncoder().encode(text);
  const gzip = new Blob([plain]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return {
    gzipped: await new Response(gzip).bytes(),
    plain: new WeakRef(plain),
    headers: new Headers(headers),
    tag: await tagText(text),
  };
}

/** The text of `kept`, which all who read it at a time share. */
async function decompress(
  kept: CompressedText,
): Promise<Uint8Array<ArrayBuffer>> {
  const found = kept.plain.deref();
  if (found) return found;
  const text = new Blob([kept.gzipped]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  const bytes = await new Response(text).bytes();
  const meanwhile = kept.plain.deref();
  if (meanwhile) return meanwhile;
  kept.plain = new WeakRef(bytes);
  return bytes;
}

/**
 * `bytes` as a body. A response of bytes holds a copy of them, and a server another
 * for every connection: what is long is handed over in pieces of the one that is kept.
 */
function asBody(bytes: Uint8Array<ArrayBuffer>): BodyInit {
  if (bytes.length <= PIECE) return bytes;
  let place = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes.subarray(place, place += PIECE));
      if (place >= bytes.length) controller.close();
    },
  }, { highWaterMark: 0 });
}

/**
 * Answers `request`: 304 to who has the text already, gzip to who takes it, whose
 * ETag is weak since the bytes are others.
 */
export async function answerByText(
  kept: CompressedText,
  request: Request,
): Promise<Response> {
  const asked = request.headers;
  const isZipped = Boolean(asked.get("accept-encoding")) &&
    acceptsEncodings(request, "gzip", "identity") === "gzip";
  const headers = new Headers(kept.headers);
  headers.set("etag", isZipped ? `W/${kept.tag}` : kept.tag);
  headers.set("vary", "accept-encoding");
  if (isAmong(kept.tag, asked.get("if-none-match"))) {
    return new Response(null, { status: 304, headers });
  }
  if (isZipped) headers.set("content-encoding", "gzip");
  const bytes = isZipped ? kept.gzipped : await decompress(kept);
  headers.set("content-length", `${bytes.length}`);
  return new Response(asBody(bytes), { headers });
}
