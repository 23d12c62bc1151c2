/**
 * The lines of a stream of UTF-8, without their ends; empty ones are left out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readLines } from "./read_lines.ts";
 *
 * const stream = ReadableStream.from([Uint8Array.of(97), Uint8Array.of(10, 98)]);
 * assertEquals(await Array.fromAsync(readLines(stream)), ["a", "b"]);
 * ```
 */
export async function* readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
  }
  if (rest !== "") yield rest;
}
