/** More bytes than any `.dram` file has that this version reads. */
const MOST_BYTES = 2 ** 26;

/**
 * What `read` makes of the content of the `.dram` file at `path`; its errors name
 * the file. Throws a `RangeError` where the file is too large to be one, before it
 * is read, and what the file system throws.
 */
export async function readDram<Result>(
  path: string,
  read: (bytes: Uint8Array<ArrayBuffer>) => Result,
): Promise<Result> {
  const { size } = await Deno.stat(path);
  if (size > MOST_BYTES) {
    throw new RangeError(
      `Cannot read ${path}: a .dram file must have at most ${MOST_BYTES} bytes: it has ${size}; is it another kind of file?`,
    );
  }
  const bytes = await Deno.readFile(path);
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
