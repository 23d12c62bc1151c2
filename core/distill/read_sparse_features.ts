import type { FeaturePart } from "./feature_store.ts";
import {
  BLOCK_ROWS,
  MOST_DENSITY,
  MOST_SPARSE_COLUMNS,
  type SparseFeatures,
  type SparseRows,
} from "./sparse_features.ts";

const HALF_BYTES = 2;

/** The rows of a file of float16 features, a block at a time, in order. */
async function* readBlocks(
  path: string,
  width: number,
  count: number,
): AsyncGenerator<Uint16Array<ArrayBuffer>> {
  using file = await Deno.open(path);
  const rowBytes = width * HALF_BYTES;
  const bytes = new Uint8Array(Math.min(BLOCK_ROWS, count) * rowBytes);
  for (let first = 0; first < count; first += BLOCK_ROWS) {
    const size = Math.min(BLOCK_ROWS, count - first) * rowBytes;
    for (let done = 0; done < size;) {
      const read = await file.read(bytes.subarray(done, size));
      if (read === null) {
        throw new SyntaxError(
          `Cannot read features from ${path}: it must hold ${
            count * rowBytes
          } bytes: it ends after ${
            first * rowBytes + done
          }; is another program changing it?`,
        );
      }
      done += read;
    }
    yield new Uint16Array(bytes.buffer, 0, size / HALF_BYTES);
  }
}

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
 * The features of `part` that differ from 0, in memory that workers share: after
 * a ReLU most are 0, and a batch of what is left is smaller and quicker to
 * multiply. `undefined` where too few are 0, where they aren't stored as float16, or
 * where they would take more than `mostBytes`.
 *
 * Throws what the file system throws.
 */
export async function readSparseFeatures(
  { path, count, precision }: FeaturePart,
  width: number,
  mostBytes: number,
): Promise<SparseFeatures | undefined> {
  if (precision !== "float16" || width > MOST_SPARSE_COLUMNS) return undefined;
  const blocks: SparseRows[] = [];
  let [bytes, numbers] = [0, 0];
  for await (const halves of readBlocks(path, width, count)) {
    const block = packRows(halves, width);
    blocks.push(block);
    bytes += block.entries.byteLength;
    numbers += halves.length;
    const kept = bytes / Uint32Array.BYTES_PER_ELEMENT;
    if (kept > MOST_DENSITY * numbers || bytes > mostBytes) return undefined;
  }
  return { width, blocks };
}
