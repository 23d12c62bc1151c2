import { detectMimeType } from "@remix-run/mime";
import type { createFileResponse } from "@remix-run/response/file";
import { createHash } from "node:crypto";
import type { Assets } from "./built_assets.ts";

/** What the library wants to know of a file, here one on disk. */
type FileLike = Parameters<typeof createFileResponse>[0];

/** A file to serve, and the hash of its bytes. */
export interface StaticFile {
  file: FileLike;
  digest: string;
}

/** Bytes that are read at a time. */
const CHUNK = 16 * 1024;

/** By the files' addresses, which a build lists: no request adds another. */
const kept = new Map<string, Promise<StaticFile>>();

/**
 * Describes a file of an address. Its bytes stay on disk until they are sent; a
 * production server hashes them once, since a build's files don't change, however
 * many ask at a time. What can't be read is tried again the next time.
 */
export function readStaticFile(
  pathname: string,
  location: URL,
  mode: Assets["mode"],
): Promise<StaticFile> {
  const { href } = location;
  const found = kept.get(href) ?? read(pathname, location);
  if (mode === "production" && !kept.has(href)) {
    kept.set(href, found);
    found.catch(() => kept.delete(href));
  }
  return found;
}

async function read(pathname: string, location: URL): Promise<StaticFile> {
  const { size } = await Deno.stat(location);
  const hash = createHash("sha256");
  for await (const bytes of streamBytes(location, 0, size)) hash.update(bytes);
  const digest = hash.digest("hex").slice(0, 32);
  const file: FileLike = {
    name: pathname,
    size,
    type: detectMimeType(pathname) ?? "application/octet-stream",
    lastModified: 0,
    stream: () => streamBytes(location, 0, size),
    slice: (start = 0, end = size) => ({
      stream: () => streamBytes(location, start, end),
    }),
    arrayBuffer: async () => (await Deno.readFile(location)).buffer,
  };
  return { file, digest };
}

/** The bytes of a file from `start` to `end`; nothing is open before they are asked for. */
function streamBytes(
  location: URL,
  start: number,
  end: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let file: Deno.FsFile | undefined;
  let place = start;
  return new ReadableStream({
    async pull(controller) {
      try {
        if (!file) {
          file = await Deno.open(location);
          await file.seek(start, Deno.SeekMode.Start);
        }
        const bytes = new Uint8Array(Math.min(CHUNK, end - place));
        const count = place < end ? await file.read(bytes) : null;
        if (count !== null) {
          place += count;
          return controller.enqueue(bytes.subarray(0, count));
        }
        if (place < end) {
          throw new Error(`Cannot send ${location}: it has become shorter`);
        }
      } catch (error) {
        file?.close();
        throw error;
      }
      file.close();
      controller.close();
    },
    cancel: () => file?.close(),
  }, { highWaterMark: 0 });
}
