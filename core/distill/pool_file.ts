import { writeAtomically } from "../files/write_atomically.ts";

/** One copy's part of a pool. */
export interface PoolCopy {
  /** Pixels `[count, height, width, channels]`. */
  images: Uint8Array<SharedArrayBuffer>;
  /** The teacher's logits `[count, classes]`. */
  logits: Float32Array<SharedArrayBuffer>;
}

/** The file of copy `copy` in a pool's folder. */
export function poolFile(folder: string, copy: number): string {
  return `${folder}/copy-${copy}`;
}

/** `view` as bytes that a file can be written from. */
function toBytes(
  { buffer, byteOffset, byteLength }: Uint8Array | Float32Array,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
}

/** Writes a copy, logits first, whole or not at all. */
export async function writePoolCopy(
  path: string,
  { images, logits }: PoolCopy,
): Promise<void> {
  await writeAtomically(path, [toBytes(logits), toBytes(images)]);
}

/**
 * Reads the copy at `path` into `into`; false where there is none, or one of
 * another length, which is then to be made anew.
 */
export async function readPoolCopy(
  path: string,
  { images, logits }: PoolCopy,
): Promise<boolean> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  const { buffer, byteOffset, byteLength } = logits;
  if (bytes.length !== byteLength + images.length) return false;
  new Uint8Array(buffer, byteOffset, byteLength).set(
    bytes.subarray(0, byteLength),
  );
  images.set(bytes.subarray(byteLength));
  return true;
}
