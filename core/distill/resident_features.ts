import { bytesPerValue, readCheckedRows } from "./feature_file.ts";
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
 * Throws a `SyntaxError` where the file isn't what was written, and what the file
 * system throws.
 */
export async function holdTrainingFeatures(
  store: FeatureStore,
): Promise<FeatureStore> {
  const { train } = store.parts;
  const sparse = await readSparseFeatures(train, store.width, MOST_BYTES);
  if (sparse) {
    return { ...store, parts: { ...store.parts, train: { ...train, sparse } } };
  }
  const size = train.count * store.width * bytesPerValue(train.precision);
  if (size > MOST_BYTES) return store;
  const resident = new SharedArrayBuffer(size);
  const bytes = new Uint8Array(resident);
  const rows = Math.max(1, Math.floor(CHUNK_BYTES * train.count / size));
  let done = 0;
  // Shared memory can't be read into: every chunk goes through one that isn't.
  for await (const read of readCheckedRows(train, store.width, rows)) {
    bytes.set(read, done);
    done += read.length;
  }
  const parts = { ...store.parts, train: { ...train, resident } };
  return { ...store, parts };
}
