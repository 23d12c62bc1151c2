/** A matrix by rows that keeps only the entries that differ from 0. */
export interface SparseMatrix {
  /** Rows and columns, `[m, k]`. */
  shape: [number, number];
  /** Where each row's entries begin, and behind them all, their number: `[m + 1]`. */
  starts: Int32Array<ArrayBuffer>;
  /** An entry's column, then the bits of its float32 value: `[count, 2]`. */
  entries: Int32Array<ArrayBuffer>;
}

/** All of the matrix's numbers, `[m, k]`, row-major. */
export function fillDense(
  { shape: [rows, columns], starts, entries }: SparseMatrix,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(entries.buffer, entries.byteOffset);
  const dense = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let entry = starts[row]; entry < starts[row + 1]; entry++) {
      dense[row * columns + entries[2 * entry]] = values[2 * entry + 1];
    }
  }
  return dense;
}

/** The entries of `dense`, `[rows, columns]`, row-major, that differ from 0. */
export function sparsify(
  dense: Float32Array,
  [rows, columns]: [number, number],
): SparseMatrix {
  const starts = new Int32Array(rows + 1);
  const entries = new Int32Array(2 * dense.length);
  const values = new Float32Array(entries.buffer);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    for (let column = 0; column < columns; column++) {
      const value = dense[start + column];
      if (value === 0) continue;
      entries[2 * count] = column;
      values[2 * count + 1] = value;
      count++;
    }
    starts[row + 1] = count;
  }
  return {
    shape: [rows, columns],
    starts,
    entries: entries.slice(0, 2 * count),
  };
}
