import { resolve } from "node:path";

/** Images of one size that lie in files, one after another, and are read as they are needed. */
export interface StoredImages {
  /** Where they lie; a row is an image, and rows are counted over all files. */
  files: readonly {
    path: string;
    /** Bytes before the first row. */
    offset: number;
    /** Rows in it. */
    count: number;
  }[];
  /** The row of each image. */
  rows: Uint32Array;
}

/** Files that are open for reading, in this thread. */
const opened = new Map<string, Deno.FsFile>();
/** As many as may be: a system lets a process have some hundred, and each copy of a pool is one. */
const MOST_OPEN = 64;

function openOnce(path: string): Deno.FsFile {
  const place = resolve(path);
  const known = opened.get(place);
  if (known) return known;
  const [first] = opened.keys();
  if (opened.size >= MOST_OPEN) closeStored(first);
  const file = Deno.openSync(place, { read: true });
  opened.set(place, file);
  return file;
}

/** Closes the file at `path`, which another one takes the place of, where images have been read from it. */
export function closeStored(path: string): void {
  const place = resolve(path);
  opened.get(place)?.close();
  opened.delete(place);
}

/** Fills `into` with the bytes of the file from `offset` on. */
function readExactly(path: string, offset: number, into: Uint8Array): void {
  const file = openOnce(path);
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let at = 0; at < into.length;) {
    const count = file.readSync(into.subarray(at));
    if (count === null) {
      throw new Error(
        `Cannot read images from ${path}: it must stay as long as it was: it ends after ${
          offset + at
        } bytes; is another program changing it?`,
      );
    }
    at += count;
  }
}

/**
 * The images at `indices`, of `size` bytes each, one after another. What lies side by
 * side is read at once.
 *
 * Throws what the file system throws, and an `Error` where a file has become shorter.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readStored } from "./stored_images.ts";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeFile(path, Uint8Array.of(0, 10, 11, 20, 21));
 * const files = [{ path, offset: 1, count: 2 }];
 * const read = readStored({ files, rows: Uint32Array.of(1, 0) }, 2, [0, 1]);
 * assertEquals(read, Uint8Array.of(20, 21, 10, 11));
 * ```
 */
export function readStored(
  images: StoredImages,
  size: number,
  indices: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(indices.length * size);
  fillStored(images, { size, indices }, pixels);
  return pixels;
}

/** Fills `pixels` with what {@linkcode readStored} gives. */
export function fillStored(
  { files, rows }: StoredImages,
  { size, indices }: { size: number; indices: ArrayLike<number> },
  pixels: Uint8Array,
): void {
  for (let to = 0; to < indices.length;) {
    let row = rows[indices[to]];
    let file = 0;
    while (row >= files[file].count) row -= files[file++].count;
    const { path, offset, count } = files[file];
    const first = rows[indices[to]];
    const most = Math.min(indices.length - to, count - row);
    let run = 1;
    while (run < most && rows[indices[to + run]] === first + run) run++;
    readExactly(
      path,
      offset + row * size,
      pixels.subarray(to * size, (to + run) * size),
    );
    to += run;
  }
}
