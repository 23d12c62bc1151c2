/** An IDX file, written by the format's description and apart from our reader. */
export function idxBytes(
  dimensions: number[],
  values: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const header = [0, 0, 8, dimensions.length].concat(
    dimensions.flatMap((extent) => [
      (extent >>> 24) & 255,
      (extent >>> 16) & 255,
      (extent >>> 8) & 255,
      extent & 255,
    ]),
  );
  const bytes = new Uint8Array(header.length + values.length);
  bytes.set(header);
  bytes.set(values, header.length);
  return bytes;
}

/** `bytes` gzipped. */
export async function gzip(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const zipped = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return await new Response(zipped).bytes();
}

/** `bytes` as a stream of chunks of at most `size`. */
export function inChunks(
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let start = 0;
  return new ReadableStream({
    pull: (controller) => {
      if (start >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(start, start += size));
    },
  });
}
