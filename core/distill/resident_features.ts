import type { FeatureStore } from "./feature_store.ts";
import { readSparseFeatures } from "./read_sparse_features.ts";

/**
 * Training features up to this size are held in memory: MNIST's are 1.01 GB, 0.37
 * without zeros.
 */
const MOST_BYTES = 1.5 * 2 ** 30;
const CHUNK_BYTES = 16 * 2 ** 20;

/**
 * The store with its training features in memory that workers share, zeros left
 * out where most are 0, where they take at most 1.5 GiB: students read them in
 * random order again and again, which is slow from a disk that the system doesn't
 * cache. A larger store stays on disk.
 *
 * Throws what the file system throws.
 */
export async function holdTrainingFeatures(
  store: FeatureStore,
): Promise<FeatureStore> {
  const { train } = store.parts;
  const sparse = await readSparseFeatures(train, store.width, MOST_BYTES);
  if (sparse) {
    return { ...store, parts: { ...store.parts, train: { ...train, sparse } } };
  }
  const { size } = await Deno.stat(train.path);
  if (size > MOST_BYTES) return store;
  const resident = new SharedArrayBuffer(size);
  const bytes = new Uint8Array(resident);
  // Shared memory can't be read into: every chunk goes through one that isn't.
  const chunk = new Uint8Array(Math.min(size, CHUNK_BYTES));
  using file = await Deno.open(train.path);
  for (let done = 0; done < size;) {
    const read = await file.read(chunk);
    if (read === null) {
      throw new SyntaxError(
        `Cannot read features from ${train.path}: it must hold ${size} bytes: it ends after ${done}; is another program changing it?`,
      );
    }
    bytes.set(chunk.subarray(0, Math.min(read, size - done)), done);
    done += read;
  }
  const parts = { ...store.parts, train: { ...train, resident } };
  return { ...store, parts };
}
