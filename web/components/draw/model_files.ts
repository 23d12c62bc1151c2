/** Files of the site's models, each fetched once. */
export interface ModelFiles {
  /**
   * The bytes of `path`, which must be `bytes` of them; `onProgress` hears how many
   * are here. A fetch that failed is tried again when asked again. Throws an `Error`
   * where it can't be fetched or has another length.
   */
  read(
    path: string,
    bytes: number,
    onProgress?: (loaded: number) => void,
  ): Promise<Uint8Array<ArrayBuffer>>;
}

async function readBody(
  response: Response,
  bytes: number,
  onProgress?: (loaded: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = new Uint8Array(bytes);
  // Not by `for await`, which Safari has not for streams.
  const reader = response.body?.getReader();
  let loaded = 0;
  for (;;) {
    const { done = true, value } = await reader?.read() ?? {};
    if (done || !value) break;
    if (loaded + value.length > bytes) {
      // One byte too many is as wrong as a gigabyte, and is read no further.
      reader?.cancel();
      loaded = NaN;
      break;
    }
    file.set(value, loaded);
    loaded += value.length;
    onProgress?.(loaded);
  }
  if (loaded !== bytes) {
    throw new Error(
      `Cannot load ${response.url}: it must have ${bytes} bytes: it has ${
        loaded || "other"
      }`,
    );
  }
  return file;
}

/**
 * Fetches model files by `get`, and keeps them while the page is open.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { keepModelFiles } from "./model_files.ts";
 *
 * let requests = 0;
 * const files = keepModelFiles(() => {
 *   requests++;
 *   return Promise.resolve(new Response(Uint8Array.of(1, 2, 3)));
 * });
 * await files.read("/models/a.dram", 3);
 * assertEquals(await files.read("/models/a.dram", 3), Uint8Array.of(1, 2, 3));
 * assertEquals(requests, 1);
 * ```
 */
export function keepModelFiles(
  get: (path: string) => Promise<Response>,
): ModelFiles {
  const kept = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  return {
    read(path, bytes, onProgress) {
      const known = kept.get(path);
      if (known) return known;
      const file = get(path).then((response) => {
        if (response.ok) return readBody(response, bytes, onProgress);
        throw new Error(
          `Cannot load ${path}: the server answers ${response.status}`,
        );
      });
      kept.set(path, file);
      file.catch(() => kept.delete(path));
      return file;
    },
  };
}
