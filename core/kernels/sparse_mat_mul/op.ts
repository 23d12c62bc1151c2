import { fillDense, type SparseMatrix } from "../../data/sparse_matrix.ts";
import * as tf from "../../tf.ts";
import { runKernel } from "../run_kernel.ts";

function multiply(a: SparseMatrix, b: tf.Tensor): tf.Tensor {
  const { shape: [rows, columns], starts, entries } = a;
  return tf.tidy(() => {
    const inputs = {
      starts: tf.tensor1d(starts, "int32"),
      entries: tf.tensor2d(entries, [entries.length / 2, 2], "int32"),
      b,
    };
    const [c] = runKernel("RetortSparseMatMul", inputs, {}, () => {
      const dense = tf.tensor2d(fillDense(a), [rows, columns]);
      return [tf.matMul(dense, tf.reshape(b, [columns, -1]))];
    });
    return c;
  });
}

/**
 * C = A·B for a sparse A, `[m, k]` × `[k, n]` → `[m, n]`: time goes with A's
 * entries rather than its size where the backend has a kernel for it, which beats
 * a dense product where fewer than about a third of A's numbers differ from 0.
 *
 * For scoring: it has no gradient; `packedMatMul` has one. Throws a `RangeError`
 * unless the inner extents agree.
 */
export function sparseMatMul(a: SparseMatrix, b: tf.Tensor): tf.Tensor {
  if (b.rank !== 2 || b.shape[0] !== a.shape[1]) {
    throw new RangeError(
      `Cannot multiply: a matrix [${a.shape.join(", ")}] needs one of ${
        a.shape[1]
      } rows: current shape is [${b.shape.join(", ")}]`,
    );
  }
  return multiply(a, b);
}
