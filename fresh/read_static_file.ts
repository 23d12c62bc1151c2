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
  /** The bytes of a small file. */
  bytes: Uint8Array<ArrayBuffer> | null;
}

/** Files up to this length are kept in memory, others are read when sent. */
const MAX_KEPT = 65_536;

const kept = new Map<string, Promise<StaticFile>>();

/**
 * Reads a file of an address. A production server does so once, since a build's
 * files don't change; what is large stays on disk until it is sent.
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
  const small = bytes.length <= MAX_KEPT;
  const file: FileLike = {
    name: pathname,
    size: bytes.length,
    type: detectMimeType(pathname) ?? "application/octet-stream",
    lastModified: 0,
    stream: () =>
      small ? ReadableStream.from([bytes]) : Deno.openSync(location).readable,
    slice: (start, end) => ({
      stream: () =>
        ReadableStream.from([Deno.readFileSync(location).slice(start, end)]),
    }),
    arrayBuffer: async () => (await Deno.readFile(location)).buffer,
  };
  return { file, digest, bytes: small ? bytes : null };
}
