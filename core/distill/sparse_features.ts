import type { SparseMatrix } from "../data/sparse_matrix.ts";
import { counterWord } from "../random/counter.ts";
import { type DropoutRange, dropoutThreshold } from "../random/dropout_mask.ts";
import { halfPrecisionTable } from "./half_precision.ts";

/** Some rows' features that differ from 0. */
export interface SparseRows {
  /** Where each row's entries begin, and behind them all, their number: `[rows + 1]`. */
  starts: Uint32Array<SharedArrayBuffer>;
  /** A feature's column in the upper 16 bits, its float16 value in the lower. */
  entries: Uint32Array<SharedArrayBuffer>;
}

/** Features that differ from 0, of every example, in memory that workers share. */
export interface SparseFeatures {
  /** Numbers in a row. */
  width: number;
  /** The rows, `BLOCK_ROWS` in each block but the last. */
  blocks: SparseRows[];
}

/** Rows of a block. */
export const BLOCK_ROWS = 512;

/** Columns must fit 16 bits. */
export const MOST_SPARSE_COLUMNS = 2 ** 16;

/**
 * The rows at `indices` as a matrix `[indices.length, width]`, less the entries
 * that `dropout` drops, the others scaled: what `fillDropoutMask` would leave of
 * the dense rows.
 */
export function pickSparseRows(
  { width, blocks }: SparseFeatures,
  indices: ArrayLike<number>,
  dropout?: DropoutRange,
): SparseMatrix {
  const table = halfPrecisionTable();
  const rows = indices.length;
  const starts = new Int32Array(rows + 1);
  const places = Array.from({ length: rows }, (_, row) => {
    const place = indices[row] % BLOCK_ROWS;
    const block = blocks[(indices[row] - place) / BLOCK_ROWS];
    const [from, to] = [block.starts[place], block.starts[place + 1]];
    return { entries: block.entries, from, to };
  });
  const most = places.reduce((sum, { from, to }) => sum + to - from, 0);
  const picked = new Int32Array(2 * most);
  const values = new Float32Array(picked.buffer);
  const threshold = dropout ? dropoutThreshold(dropout.rate) : 0;
  const scale = dropout ? Math.fround(1 / (1 - dropout.rate)) : 1;
  let count = 0;
  places.forEach(({ entries, from, to }, row) => {
    // Place in the mask of the row's first column.
    const first = (dropout?.first ?? 0) + row * width;
    for (let entry = from; entry < to; entry++) {
      const packed = entries[entry];
      const column = packed >>> 16;
      if (dropout) {
        const place = first + column;
        const word = counterWord(dropout.key, place >>> 1);
        if (((word >>> (16 * (place & 1))) & 0xffff) < threshold) continue;
      }
      picked[2 * count] = column;
      values[2 * count + 1] = table[packed & 0xffff] * scale;
      count++;
    }
    starts[row + 1] = count;
  });
  return {
    shape: [rows, width],
    starts,
    entries: picked.subarray(0, 2 * count),
  };
}
