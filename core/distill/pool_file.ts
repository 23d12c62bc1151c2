import { sealOf, unseal } from "../files/checksum.ts";
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

/** Writes a copy, logits first, whole or not at all, with a seal behind them. */
export async function writePoolCopy(
  path: string,
  { images, logits }: PoolCopy,
): Promise<void> {
  const parts = [toBytes(logits), toBytes(images)];
  await writeAtomically(path, [...parts, sealOf(parts)]);
}

/**
 * Reads the copy at `path` into `into`; false where there is none, or one that isn't
 * what was written, which `onDamage` is told of: it is then to be made anew.
 */
export async function readPoolCopy(
  path: string,
  { images, logits }: PoolCopy,
  onDamage: (reason: string) => void,
): Promise<boolean> {
  try {
    const bytes = unseal(await Deno.readFile(path), path);
    const { buffer, byteOffset, byteLength } = logits;
    const wanted = byteLength + images.length;
    if (bytes.length !== wanted) {
      throw new SyntaxError(
        `Cannot read ${path}: it must hold ${wanted} bytes: it holds ${bytes.length}`,
      );
    }
    new Uint8Array(buffer, byteOffset, byteLength).set(
      bytes.subarray(0, byteLength),
    );
    images.set(bytes.subarray(byteLength));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (!(error instanceof SyntaxError)) throw error;
    onDamage(error.message);
    return false;
  }
}
