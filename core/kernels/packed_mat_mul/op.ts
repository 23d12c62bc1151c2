import type { DropoutRange } from "../../random/dropout_mask.ts";
import * as tf from "../../tf.ts";
import { dropOut, dropoutAttributes } from "../drop_out/op.ts";
import { runKernel } from "../run_kernel.ts";
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
  const inputs = { starts, entries, b };
  return tf.engine().runKernel<tf.Tensor>("RetortSparseMatMul", inputs);
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
  if (!tf.getKernel("RetortUnpackSparse", tf.getBackend())) {
    const dense = unpackDense(a);
    return tf.matMul(dropout ? dropOut(dense, dropout) : dense, b);
  }
  const forward = () => {
    const inputs = {
      starts: tf.tensor1d(starts, "int32"),
      packed: tf.tensor1d(entries, "int32"),
    };
    const attributes: tf.NamedAttrMap = dropout
      ? { width, dropout: dropoutAttributes(dropout) }
      : { width };
    const saved = runKernel("RetortUnpackSparse", inputs, attributes, () => []);
    return { value: multiply(saved, b), saved };
  };
  return withGradient([b], forward, (dy, [starts, entries]) => {
    const transposed = runKernel(
      "RetortTransposeSparse",
      { starts, entries },
      { columns: width },
      () => [],
    );
    return [multiply(transposed, dy)];
  });
}
