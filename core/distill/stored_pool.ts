import { closeStored } from "../data/stored_images.ts";
import { checksum } from "../files/checksum.ts";
import { openTemporary } from "../files/temporary_file.ts";

/** Bytes that are read at a time. */
const PIECE_BYTES = 2 ** 20;
const SEAL_BYTES = 4;

/** A copy's logits, and how many bytes its images have behind them in its file. */
export interface StoredCopy {
  /** The teacher's logits `[count, classes]`. */
  logits: Float32Array<SharedArrayBuffer>;
  /** Bytes of pixels. */
  imageBytes: number;
}

function bytesOf(logits: Float32Array<SharedArrayBuffer>) {
  return new Uint8Array(logits.buffer, logits.byteOffset, logits.byteLength);
}

/** The pieces of the file from where it stands, up to `length` bytes of it. */
function* readPieces(file: Deno.FsFile, length: number, path: string) {
  const piece = new Uint8Array(PIECE_BYTES);
  for (let at = 0; at < length;) {
    const count = file.readSync(piece.subarray(0, length - at));
    if (count === null) {
      throw new SyntaxError(
        `Cannot read ${path}: it must hold ${length} bytes: it holds ${at}`,
      );
    }
    yield { at, bytes: piece.subarray(0, count) };
    at += count;
  }
}

/**
 * Writes a copy as {@linkcode readStoredCopy} reads it, whole or not at all: `make` puts
 * its images into a file, from a place in it on, and its logits into `logits`.
 */
export async function writeStoredCopy(
  path: string,
  { logits, imageBytes }: StoredCopy,
  make: (target: { path: string; offset: number }) => Promise<void>,
): Promise<void> {
  using temporary = openTemporary(path);
  const { file } = temporary;
  try {
    const offset = logits.byteLength;
    await make({ path: temporary.path, offset });
    const values = new Uint8Array(bytesOf(logits));
    let sum = checksum(values);
    using read = await Deno.open(temporary.path, { read: true });
    await read.seek(offset, Deno.SeekMode.Start);
    for (const { bytes } of readPieces(read, imageBytes, path)) {
      sum = checksum(bytes, sum);
    }
    const seal = new Uint8Array(SEAL_BYTES);
    new DataView(seal.buffer).setUint32(0, sum, true);
    for (
      const [place, bytes] of [[0, values], [
        offset + imageBytes,
        seal,
      ]] as const
    ) {
      await file.seek(place, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) {
        at += await file.write(bytes.subarray(at));
      }
    }
    await file.sync();
    closeStored(path); // of what it replaces
    await Deno.rename(temporary.path, path);
  } catch (error) {
    await Deno.remove(temporary.path).catch(() => {});
    throw error;
  }
}

/**
 * Reads the logits of the copy at `path`, whose images stay there; false where there is
 * none, or one that isn't what was written, which `onDamage` is told of.
 */
export async function readStoredCopy(
  path: string,
  { logits, imageBytes }: StoredCopy,
  onDamage: (reason: string) => void,
): Promise<boolean> {
  try {
    using file = await Deno.open(path, { read: true });
    const { size } = await file.stat();
    const length = logits.byteLength + imageBytes;
    if (size !== length + SEAL_BYTES) {
      throw new SyntaxError(
        `Cannot read ${path}: it must hold ${
          length + SEAL_BYTES
        } bytes: it holds ${size}`,
      );
    }
    const values = bytesOf(logits);
    let sum = 0;
    for (const { at, bytes } of readPieces(file, length, path)) {
      sum = checksum(bytes, sum);
      if (at >= values.length) continue;
      values.set(bytes.subarray(0, values.length - at), at);
    }
    const seal = new Uint8Array(SEAL_BYTES);
    await file.read(seal);
    if (new DataView(seal.buffer).getUint32(0, true) === sum) return true;
    throw new SyntaxError(
      `Cannot read ${path}: it must be what was written: its checksum is another`,
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (!(error instanceof SyntaxError)) throw error;
    onDamage(error.message);
    return false;
  }
}
