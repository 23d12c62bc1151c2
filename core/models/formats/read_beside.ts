import { readRegularFile } from "../../files/read_regular_file.ts";

/** The body of `response`, as long as it keeps to `most` bytes. */
async function readBody(
  response: Response,
  most: number,
  url: URL,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > most) {
      throw new RangeError(
        `Cannot load ${url}: it must be at most ${most} bytes: the server sends more`,
      );
    }
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/**
 * Reads a file of a model's folder; `undefined` where there is none. What is no file, or
 * larger than `most` bytes, is refused before any of it is read.
 */
export async function readBeside(
  folder: URL,
  file: string,
  most: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const url = new URL(file, folder);
  if (url.protocol === "file:") {
    try {
      return await readRegularFile(displayName(url), { limit: most });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }
  const response = await fetch(url).catch((cause: Error) => {
    throw new Error(
      `Cannot load ${url}: a server must answer: ${cause.message}; check the address`,
      { cause },
    );
  });
  if (response.status === 404) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok) {
    throw new Error(
      `Cannot load ${url}: the server answers ${response.status}`,
    );
  }
  return await readBody(response, most, url);
}

/** A URL as a person would write it: a path for a local file. */
export function displayName(url: URL): string {
  return url.protocol === "file:" ? decodeURIComponent(url.pathname) : url.href;
}
