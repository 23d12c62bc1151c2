/** What `info` is: a file, or what can't be read from end to end as one. */
export function nameKind(info: Deno.FileInfo): string {
  if (info.isFile) return "a file";
  if (info.isDirectory) return "a folder";
  if (info.isFifo) return "a pipe";
  if (info.isSocket) return "a socket";
  if (info.isBlockDevice || info.isCharDevice) return "a device";
  return "no regular file";
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
  const before = await Deno.stat(path);
  if (!before.isFile) {
    throw new TypeError(
      `Cannot read ${path}: it must be a file: it is ${
        nameKind(before)
      }; name a file`,
    );
  }
  using file = await Deno.open(path, { read: true });
  const { size } = await file.stat();
  if (size > limit) {
    throw new RangeError(
      `Cannot read ${path}: it must have at most ${
        limit.toLocaleString("en")
      } bytes: it has ${size.toLocaleString("en")}; name another file`,
    );
  }
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const count = await file.read(bytes.subarray(length));
    if (count === null) break; // it has become shorter since
    length += count;
  }
  return bytes.subarray(0, length);
}
