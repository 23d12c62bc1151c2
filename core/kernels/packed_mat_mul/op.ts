import type { DropoutRange } from "../../random/dropout_mask.ts";
import * as tf from "../../tf.ts";
import { DROPOUT, dropOut, dropoutAttributes } from "../drop_out/op.ts";
import {
  callKernel,
  checkInputShape,
  COUNT,
  defineKernel,
  hasKernel,
} from "../kernel.ts";
import { sparseMatMulKernel } from "../sparse_mat_mul/op.ts";
import { withGradient } from "../with_gradient.ts";

/** A matrix by rows of which only the numbers that differ from 0 are kept. */
export interface PackedRows {
  /** Columns, at most 65536. */
  width: number;
  /** Where each row's entries begin, and behind them all, their number: `[m + 1]`. */
  starts: Int32Array;
  /** An entry's column in the upper 16 bits, its float16 value in the lower. */
  entries: Int32Array;
}

/**
 * Kernel of the entries of a matrix `[m, width]` by rows that `dropout` keeps,
 * scaled, as {@linkcode sparseMatMulKernel} takes them.
 *
 * In: `starts` `[m + 1]`, where each row's entries begin, the first at 0, and
 * `packed` `[count]`, each a column in the upper 16 bits and a float16 value in the
 * lower. Out: starts `[m + 1]` and entries `[count, 2]`, a column and the bits of a
 * float32; those behind the last row's end mean nothing.
 */
export const unpackSparseKernel = defineKernel({
  name: "RetortUnpackSparse",
  inputs: { starts: "int32", packed: "int32" },
  attributes: { width: COUNT, dropout: DROPOUT },
  check: ({ packed }) => checkInputShape("packed", packed, [packed.shape[0]]),
});

/**
 * Kernel of the transpose, `[columns, m]`, of a matrix by rows as
 * {@linkcode sparseMatMulKernel} takes it, in the same form; entries of a row stay
 * in order. Whoever makes the matrix answers for its columns lying below `columns`.
 */
export const transposeSparseKernel = defineKernel({
  name: "RetortTransposeSparse",
  inputs: { starts: "int32", entries: "int32" },
  attributes: { columns: COUNT },
  check: ({ entries }) =>
    checkInputShape("entries", entries, [entries.shape[0], 2]),
});

/** All of the matrix's numbers, `[m, width]`. */
function unpackDense({ width, starts, entries }: PackedRows): tf.Tensor {
  const rows = starts.length - 1;
  const values = new Float32Array(
    new Float16Array(Uint16Array.from(entries).buffer),
  );
  const dense = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let entry = starts[row]; entry < starts[row + 1]; entry++) {
      dense[row * width + (entries[entry] >>> 16)] = values[entry];
    }
  }
  return tf.tensor2d(dense, [rows, width]);
}

function multiply(
  [starts, entries]: tf.Tensor[],
  b: tf.Tensor,
): tf.Tensor {
  const [c] = callKernel(sparseMatMulKernel, { starts, entries, b }, {});
  return c;
}

/**
 * C = (A ⊙ m)·B for a constant, sparse A `[m, k]`, B `[k, n]` and the mask m of
 * `dropout`, 1 unless there is one: `[m, n]`. ∂L/∂B = (A ⊙ m)ᵀ·∂L/∂C.
 *
 * Backends without a kernel for it multiply the dense matrix. Throws a `RangeError`
 * unless B has a row for each column of A. Whoever packs A answers for its columns
 * lying below its width.
 */
export function packedMatMul(
  a: PackedRows,
  b: tf.Tensor,
  dropout?: DropoutRange,
): tf.Tensor {
  const { width, starts, entries } = a;
  if (b.rank !== 2 || b.shape[0] !== width) {
    throw new RangeError(
      `Cannot multiply: a matrix of ${width} columns needs one of as many rows: current shape is [${
        b.shape.join(", ")
      }]`,
    );
  }
  if (!hasKernel(unpackSparseKernel)) {
    const dense = unpackDense(a);
    return tf.matMul(dropout ? dropOut(dense, dropout) : dense, b);
  }
  const forward = () => {
    const inputs = {
      starts: tf.tensor1d(starts, "int32"),
      packed: tf.tensor1d(entries, "int32"),
    };
    const saved = callKernel(unpackSparseKernel, inputs, {
      width,
      dropout: dropout && dropoutAttributes(dropout),
    });
    return { value: multiply(saved, b), saved };
  };
  return withGradient([b], forward, (dy, [starts, entries]) => {
    const transposed = callKernel(
      transposeSparseKernel,
      { starts, entries },
      { columns: width },
    );
    return [multiply(transposed, dy)];
  });
}
