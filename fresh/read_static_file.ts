import { detectMimeType } from "@remix-run/mime";
import { createHash } from "node:crypto";
import type { Assets } from "./snapshot.ts";

/** A file to serve, and the hash of its bytes. */
export interface StaticFile {
  file: File;
  digest: string;
}

const kept = new Map<string, Promise<StaticFile>>();

/**
 * Reads a file of an address; what a production server has read it keeps,
 * since a build's files don't change.
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
  const type = detectMimeType(pathname) ?? "application/octet-stream";
  return {
    file: new File([bytes], pathname, { type }),
    digest: createHash("sha256").update(bytes).digest("hex").slice(0, 32),
  };
}
