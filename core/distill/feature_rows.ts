import { sparsify } from "../data/sparse_matrix.ts";
import { dropOut } from "../kernels/drop_out/op.ts";
import { hasKernel } from "../kernels/kernel.ts";
import { packedMatMul, type PackedRows } from "../kernels/packed_mat_mul/op.ts";
import {
  sparseMatMul,
  sparseMatMulKernel,
} from "../kernels/sparse_mat_mul/op.ts";
import { unpackHalves } from "../kernels/unpack_halves/op.ts";
import type { DropoutRange } from "../random/dropout_mask.ts";
import * as tf from "../tf.ts";
import type { FeatureFile } from "./feature_file.ts";
import {
  BLOCK_ROWS,
  MOST_DENSITY,
  type SparseFeatures,
} from "./sparse_features.ts";

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

/** The rows at `indices` as float16 bits, zeros and all: `[indices.length, width]`. */
export function pickHalfRows(
  { width, blocks }: SparseFeatures,
  indices: ArrayLike<number>,
): Uint16Array<ArrayBuffer> {
  const bits = new Uint16Array(indices.length * width);
  for (let row = 0; row < indices.length; row++) {
    const place = indices[row] % BLOCK_ROWS;
    const { starts, entries } = blocks[(indices[row] - place) / BLOCK_ROWS];
    const end = starts[place + 1];
    for (let entry = starts[place]; entry < end; entry++) {
      const packed = entries[entry];
      bits[row * width + (packed >>> 16)] = packed & 0xffff;
    }
  }
  return bits;
}

/** x·W of some rows x of features: W `[features, units]` → `[rows, units]`. */
export type FeatureProduct = (kernel: tf.Tensor) => tf.Tensor;

/** The rows' product, some of their features dropped where there is `dropout`. */
export type FeatureRows = (dropout?: DropoutRange) => FeatureProduct;

/** Features of a part of a dataset, open for reading. */
export interface FeatureSource {
  /** All of them. */
  file: FeatureFile;
  /** Those that differ from 0, where they are held in memory. */
  sparse?: SparseFeatures;
}

/** Whether the current backend multiplies sparse matrices by a kernel of its own. */
function multipliesSparse(): boolean {
  return hasKernel(sparseMatMulKernel);
}

/** The rows of `source` at `indices`, to learn from. Call it inside `tf.tidy`. */
export function readFeatureRows(
  { file, sparse }: FeatureSource,
  indices: ArrayLike<number>,
): FeatureRows {
  if (sparse && multipliesSparse()) {
    const rows = pickPackedRows(sparse, indices);
    return (dropout) => (kernel) => packedMatMul(rows, kernel, dropout);
  }
  const shape: [number, number] = [indices.length, file.width];
  const x = sparse
    ? unpackHalves(pickHalfRows(sparse, indices), shape)
    : tf.tensor2d(file.read(indices), shape);
  return (dropout) => {
    const kept = dropout ? dropOut(x, dropout) : x;
    return (kernel) => tf.matMul(kept, kernel);
  };
}

/** The product of the rows of `file` at `indices`, for scoring. */
export function readFeatureProduct(
  file: FeatureFile,
  indices: ArrayLike<number>,
): FeatureProduct {
  const values = file.read(indices);
  const shape: [number, number] = [indices.length, file.width];
  if (multipliesSparse()) {
    const rows = sparsify(values, shape);
    const kept = rows.starts[indices.length];
    if (kept <= MOST_DENSITY * values.length) {
      return (kernel) => sparseMatMul(rows, kernel);
    }
  }
  const x = tf.tensor2d(values, shape);
  return (kernel) => tf.matMul(x, kernel);
}
