/** What `info` is: a file, or what can't be read from end to end as one. */
export function nameKind(info: Deno.FileInfo): string {
  if (info.isFile) return "a file";
  if (info.isDirectory) return "a folder";
  if (info.isFifo) return "a pipe";
  if (info.isSocket) return "a socket";
  if (info.isBlockDevice || info.isCharDevice) return "a device";
  return "no regular file";
}

/** Throws unless `info` is of a regular file, which can be read from end to end. */
function checkKind(info: Deno.FileInfo, path: string | URL): void {
  if (info.isFile) return;
  throw new TypeError(
    `Cannot read ${path}: it must be a file: it is ${
      nameKind(info)
    }; name a file`,
  );
}

/** Throws where a file is longer than it may be. */
function checkSize(size: number, limit: number, path: string | URL): void {
  if (size <= limit) return;
  throw new RangeError(
    `Cannot read ${path}: it must have at most ${
      limit.toLocaleString("en")
    } bytes: it has ${size.toLocaleString("en")}; name another file`,
  );
}

/**
 * Reads the regular file at `path`, of at most `limit` bytes.
 *
 * A pipe or a device never says how long it is, and may keep its reader for ever:
 * a `TypeError` names what else than a file is there before it is opened. A
 * `RangeError` refuses a longer file before anything of it is read; the file
 * system's own errors are passed on.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { readRegularFile } from "./read_regular_file.ts";
 *
 * await assertRejects(() => readRegularFile("/", { limit: 9 }), TypeError, "a folder");
 * ```
 */
export async function readRegularFile(
  path: string | URL,
  { limit }: { limit: number },
): Promise<Uint8Array<ArrayBuffer>> {
  checkKind(await Deno.stat(path), path);
  using file = await Deno.open(path, { read: true });
  const { size } = await file.stat();
  checkSize(size, limit, path);
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const count = await file.read(bytes.subarray(length));
    if (count === null) break; // it has become shorter since
    length += count;
  }
  return bytes.subarray(0, length);
}

/**
 * {@linkcode readRegularFile} without a turn of the event loop: of small files in
 * their thousands, each turn takes longer than the reading.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { readRegularFileSync } from "./read_regular_file.ts";
 *
 * assertThrows(() => readRegularFileSync("/", { limit: 9 }), TypeError, "a folder");
 * ```
 */
export function readRegularFileSync(
  path: string | URL,
  { limit }: { limit: number },
): Uint8Array<ArrayBuffer> {
  checkKind(Deno.statSync(path), path);
  using file = Deno.openSync(path, { read: true });
  const { size } = file.statSync();
  checkSize(size, limit, path);
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const count = file.readSync(bytes.subarray(length));
    if (count === null) break; // it has become shorter since
    length += count;
  }
  return bytes.subarray(0, length);
}
