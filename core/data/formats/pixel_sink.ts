import { resolve } from "node:path";
import { explainFullDisk } from "../../files/explain_full_disk.ts";
import { openTemporary, removeLeftovers } from "../../files/temporary_file.ts";
import { type Examples, imageParts, type Pixels } from "../dataset.ts";
import { closeStored } from "../stored_images.ts";

/** How much of a dataset's pixels may be in memory, and where the others go. */
export interface PixelRoom {
  /** Bytes that the pixels of a part of a dataset may have in memory. */
  bytes: number;
  /** Folder for files of those parts that have more; they are there as long as the process. */
  folder: string;
}

/** Where images go one after another as they are read. */
export interface PixelSink {
  /** Adds pixels after those before. */
  add(pixels: Uint8Array): void;
  /** All that were added. */
  finish(): Pixels;
  /** Gives up what was added. */
  drop(): void;
}

/** What the file of images is called while the process lasts. */
const NAME = "images";

function collectInMemory(bytes: number): PixelSink {
  const all = new Uint8Array(bytes);
  let end = 0;
  return {
    add(pixels) {
      all.set(pixels, end);
      end += pixels.length;
    },
    finish: () => end === bytes ? all : all.slice(0, end),
    drop() {},
  };
}

async function collectInFile(size: number, folder: string): Promise<PixelSink> {
  await Deno.mkdir(folder, { recursive: true });
  // What processes that were killed have left.
  await removeLeftovers(folder);
  // Locked as long as it is open, which is as long as the process.
  // Where it is, wherever the process goes to meanwhile.
  const { path, file } = openTemporary(resolve(folder, NAME));
  const remove = () => {
    closeStored(path);
    file.close();
    try {
      Deno.removeSync(path);
    } catch (error) {
      // Someone has emptied the folder.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  addEventListener("unload", remove);
  let bytes = 0;
  return {
    add(pixels) {
      try {
        for (let at = 0; at < pixels.length;) {
          at += file.writeSync(pixels.subarray(at));
        }
      } catch (error) {
        throw explainFullDisk(error, path);
      }
      bytes += pixels.length;
    },
    finish() {
      const count = bytes / size;
      return {
        files: [{ path, offset: 0, count }],
        rows: Uint32Array.from({ length: count }, (_, row) => row),
      };
    },
    drop() {
      removeEventListener("unload", remove);
      remove();
    },
  };
}

/**
 * Opens a place for images of `size` bytes, of at most `bytes` together: memory, or a
 * file where `room` has too little of it.
 *
 * Throws what the file system throws, a full disk included.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readImages } from "../dataset.ts";
 * import { openSink } from "./pixel_sink.ts";
 *
 * const room = { bytes: 1, folder: await Deno.makeTempDir() };
 * const sink = await openSink({ bytes: 2, size: 1, room });
 * sink.add(Uint8Array.of(10, 20));
 * const images = sink.finish();
 * assertEquals(images instanceof Uint8Array, false);
 * assertEquals(readImages({ shape: [1, 1, 1], images }), Uint8Array.of(10, 20));
 * ```
 */
export async function openSink(
  { bytes, size, room }: { bytes: number; size: number; room?: PixelRoom },
): Promise<PixelSink> {
  return room && bytes > room.bytes
    ? await collectInFile(size, room.folder)
    : collectInMemory(bytes);
}

/**
 * All images of `examples` made others by `convert`, each of `size` bytes then, a part
 * in memory at a time where they don't fit.
 */
export async function convertParts(
  examples: Pick<Examples, "images" | "shape" | "count">,
  { size, room, convert }: {
    size: number;
    room?: PixelRoom;
    convert: (pixels: Uint8Array) => Uint8Array;
  },
): Promise<Pixels> {
  const { images, count } = examples;
  const bytes = count * size;
  if (images instanceof Uint8Array && !(room && bytes > room.bytes)) {
    return convert(images);
  }
  const sink = await openSink({ bytes, size, room });
  for (const { pixels } of imageParts(examples)) sink.add(convert(pixels));
  return sink.finish();
}
