import { detectMimeType } from "@remix-run/mime";
import type { createFileResponse } from "@remix-run/response/file";
import { createHash } from "node:crypto";
import type { Assets } from "./snapshot.ts";

/** What the library wants to know of a file, here one on disk. */
type FileLike = Parameters<typeof createFileResponse>[0];

/** A file to serve, and the hash of its bytes. */
export interface StaticFile {
  file: FileLike;
  digest: string;
}

const kept = new Map<string, Promise<StaticFile>>();

/**
 * Describes a file of an address. Its bytes stay on disk until they are sent; a
 * production server hashes them once, since a build's files don't change.
 */
export function readStaticFile(
  pathname: string,
  location: URL,
  mode: Assets["mode"],
): Promise<StaticFile> {
  const reading = kept.get(location.href) ?? read(pathname, location);
  if (mode === "production") kept.set(location.href, reading);
  return reading;
}

async function read(pathname: string, location: URL): Promise<StaticFile> {
  const bytes = await Deno.readFile(location);
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  const file: FileLike = {
    name: pathname,
    size: bytes.length,
    type: detectMimeType(pathname) ?? "application/octet-stream",
    lastModified: 0,
    stream: () => Deno.openSync(location).readable,
    slice: (start, end) => ({
      stream: () =>
        ReadableStream.from([Deno.readFileSync(location).slice(start, end)]),
    }),
    arrayBuffer: async () => (await Deno.readFile(location)).buffer,
  };
  return { file, digest };
}
