import {
  bytesPerValue,
  readCheckedRows,
  type StoredRows,
} from "./feature_file.ts";
import type { FeatureStore } from "./feature_store.ts";
import {
  BLOCK_ROWS,
  MOST_DENSITY,
  MOST_SPARSE_COLUMNS,
  type SparseFeatures,
  type SparseRows,
} from "./sparse_features.ts";

/** The numbers of `halves`, rows of `width`, that differ from 0. */
function packRows(
  halves: Uint16Array<ArrayBuffer>,
  width: number,
): SparseRows {
  const starts = new Uint32Array(
    new SharedArrayBuffer(
      (halves.length / width + 1) * Uint32Array.BYTES_PER_ELEMENT,
    ),
  );
  const packed = new Uint32Array(halves.length);
  let count = 0;
  for (let i = 0, row = 0; i < halves.length; row++) {
    for (let column = 0; column < width; column++, i++) {
      const half = halves[i];
      if (half !== 0) packed[count++] = column << 16 | half;
    }
    starts[row + 1] = count;
  }
  const entries = new Uint32Array(
    new SharedArrayBuffer(count * Uint32Array.BYTES_PER_ELEMENT),
  );
  entries.set(packed.subarray(0, count));
  return { starts, entries };
}

/**
 * The features that differ from 0, in memory that workers share: after
 * a ReLU most are 0, and a batch of what is left is smaller and quicker to
 * multiply. `undefined` where too few are 0, where they aren't stored as float16, or
 * where they would take more than `mostBytes`.
 *
 * Throws a `SyntaxError` where the file isn't what was written, and what the file
 * system throws.
 */
export async function readSparseFeatures(
  stored: StoredRows,
  width: number,
  mostBytes: number,
): Promise<SparseFeatures | undefined> {
  if (stored.precision !== "float16" || width > MOST_SPARSE_COLUMNS) {
    return undefined;
  }
  const blocks: SparseRows[] = [];
  let [bytes, numbers] = [0, 0];
  for await (const read of readCheckedRows(stored, width, BLOCK_ROWS)) {
    const halves = new Uint16Array(read.buffer, 0, read.length / 2);
    const block = packRows(halves, width);
    blocks.push(block);
    bytes += block.entries.byteLength;
    numbers += halves.length;
    const kept = bytes / Uint32Array.BYTES_PER_ELEMENT;
    if (kept > MOST_DENSITY * numbers || bytes > mostBytes) return undefined;
  }
  return { width, blocks };
}

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
