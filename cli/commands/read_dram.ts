import { readRegularFile } from "../../core/files/read_regular_file.ts";

/** More bytes than any `.dram` file has that this version reads. */
const MOST_BYTES = 2 ** 26;

/** What other files begin with, and what to do with those. */
const OTHERS: [start: string, what: string][] = [
  [
    "\x89HDF",
    "an HDF5 file; call one of Keras so that it ends in .h5",
  ],
  [
    "PK\x03\x04",
    "a zip; call a file of Keras so that it ends in .keras",
  ],
  ["\x1f\x8b", "gzip; unpack it with gunzip"],
  [
    "{",
    "JSON; of a tfjs model name the folder, in which it is called model.json",
  ],
  [
    "SQLite format 3",
    "a study; pass its name with --study where that is taken",
  ],
];

/** Throws a `SyntaxError` where `bytes` are plainly those of another kind of file. */
function checkKind(bytes: Uint8Array, path: string): void {
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  const other = OTHERS.find(([each]) => start.trimStart().startsWith(each));
  if (!other) return;
  throw new SyntaxError(
    `Cannot read ${path}: it must be a .dram file: it is ${other[1]}`,
  );
}

/**
 * What `read` makes of the content of the `.dram` file at `path`; its errors name
 * the file. Throws a `TypeError` where it is no regular file, a `RangeError` where it
 * is too large to be one, before it is read, a `SyntaxError` where it is of another
 * kind, and what the file system throws.
 */
export async function readDram<Result>(
  path: string,
  read: (bytes: Uint8Array<ArrayBuffer>) => Result,
): Promise<Result> {
  const bytes = await readRegularFile(path, { limit: MOST_BYTES });
  checkKind(bytes, path);
  try {
    return read(bytes);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) {
      throw error;
    }
    const rule = error.message.replace(/^Cannot [^:]*: /, "");
    throw new SyntaxError(`Cannot read ${path}: ${rule}`, { cause: error });
  }
}
