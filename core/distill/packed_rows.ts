import type { PackedRows } from "../kernels/packed_mat_mul/op.ts";
import { BLOCK_ROWS, type SparseFeatures } from "./sparse_features.ts";

/** The rows at `indices`, without the zeros: `[indices.length, width]`. */
export function pickPackedRows(
  { width, blocks }: SparseFeatures,
  indices: ArrayLike<number>,
): PackedRows {
  const starts = new Int32Array(indices.length + 1);
  const rows = Array.from(indices, (index, row) => {
    const place = index % BLOCK_ROWS;
    const block = blocks[(index - place) / BLOCK_ROWS];
    const [from, to] = [block.starts[place], block.starts[place + 1]];
    starts[row + 1] = starts[row] + to - from;
    return block.entries.subarray(from, to);
  });
  const entries = new Int32Array(starts[indices.length]);
  rows.forEach((row, index) => entries.set(row, starts[index]));
  return { width, starts, entries };
}
