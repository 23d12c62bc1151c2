import { fetchPackage } from "../../../files/fetch_package.ts";
import { cleanText } from "../../../text/clean_text.ts";
import type { Hdf5Content, Hdf5Task, Hdf5Word } from "./hdf5.ts";

/** What reads HDF5; its one dependency is part of its module. Fetched when a first such file is read. */
export const HDF5_PACKAGE = {
  name: "jsfive",
  version: "0.4.2",
  integrity:
    "sha512-OLcs8QNnk/p2kUGjTLAB7GzVS0+5+oClrl2bCLfL7dl0/vIB13902oDINJhQM++QT9QQdP+tiZTxT4oX5YkdjQ==",
  licence: "SEE LICENSE IN LICENSE.txt",
} as const;

/** Bytes that numbers may take for each byte of their file, where they are packed. */
const MOST_PACKED = 64;
/** Bytes that all numbers may take: they are read as twice as many. */
const MOST_BYTES = 2 ** 29;
/** How long reading may take, in ms: 20 MB are read in a second. */
const MOST_MS = 60_000;

/**
 * The attributes of the HDF5 file `bytes`, and the numbers in `group`, by their paths
 * within it. They are read in a worker, which is ended where a damaged file keeps it.
 *
 * Throws a `SyntaxError` where it is no whole HDF5 file, has filters that aren't known,
 * or declares more numbers than it can hold; an `Error` where the package that reads it
 * can't be fetched.
 */
export async function readHdf5(
  bytes: Uint8Array<ArrayBuffer>,
  { group, source }: { group: string; source: string },
): Promise<Hdf5Content> {
  const folder = await fetchPackage(HDF5_PACKAGE);
  const task: Hdf5Task = {
    // Its own buffer: the package reads from a buffer's start.
    bytes: bytes.slice(),
    module: new URL("dist/esm/index.mjs", folder).href,
    group,
    most: Math.min(MOST_BYTES, MOST_PACKED * bytes.length),
  };
  const word = await ask(task);
  if ("content" in word) return word.content;
  throw new SyntaxError(
    `Cannot load ${source}: it must be a whole HDF5 file, as Keras saves one: ${
      cleanText(word.refused)
    }; save the model again`,
  );
}

/** What a worker says of `task`. */
async function ask(task: Hdf5Task): Promise<Hdf5Word> {
  const url = new URL("./hdf5_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  const { promise, resolve } = Promise.withResolvers<Hdf5Word>();
  worker.onmessage = ({ data }: MessageEvent<Hdf5Word>) => resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    resolve({ refused: event.message });
  };
  const clock = setTimeout(
    () => resolve({ refused: `it took more than ${MOST_MS / 1000} s to read` }),
    MOST_MS,
  );
  worker.postMessage(task, [task.bytes.buffer]);
  try {
    return await promise;
  } finally {
    clearTimeout(clock);
    worker.terminate();
  }
}
