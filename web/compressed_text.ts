import { isAmong, tagText } from "./text_tag.ts";

/** A text that is served more than once, compressed and hashed once. */
export interface CompressedText {
  gzipped: Uint8Array<ArrayBuffer>;
  /** Bytes of it before that. */
  length: number;
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
  const blob = new Blob([text]);
  const gzip = blob.stream().pipeThrough(new CompressionStream("gzip"));
  const gzipped = await new Response(gzip).bytes();
  return {
    gzipped,
    length: blob.size,
    headers: new Headers(headers),
    tag: await tagText(text),
  };
}

/** Whether a request's `accept-encoding` has gzip, and not at a weight of 0. */
function acceptsGzip(accepted: string): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(accepted);
}

/** Decompresses once it is read: an answer that is refused a place costs nothing. */
async function* decompress(gzipped: Uint8Array<ArrayBuffer>) {
  yield* new Blob([gzipped]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
}

/**
 * Answers a request with the headers `asked`: 304 to who has the text already,
 * gzip to who takes it, whose ETag is weak since the bytes are others.
 */
export function answerByText(
  { gzipped, length, headers, tag }: CompressedText,
  asked: Headers,
): Response {
  const isZipped = acceptsGzip(asked.get("accept-encoding") ?? "");
  const answer = new Headers(headers);
  answer.set("etag", isZipped ? `W/${tag}` : tag);
  answer.set("vary", "accept-encoding");
  if (isAmong(tag, asked.get("if-none-match"))) {
    return new Response(null, { status: 304, headers: answer });
  }
  if (isZipped) {
    answer.set("content-encoding", "gzip");
    answer.set("content-length", `${gzipped.length}`);
    return new Response(gzipped, { headers: answer });
  }
  answer.set("content-length", `${length}`);
  const text = ReadableStream.from(decompress(gzipped));
  return new Response(text, { headers: answer });
}
