import { fillDense, type SparseMatrix } from "../../data/sparse_matrix.ts";
import * as tf from "../../tf.ts";
import { checkInputShape, defineKernel, runKernel } from "../kernel.ts";

/**
 * Kernel of C = A·B, `[m, k]` × `[k, n]` → `[m, n]`, with A by rows: `starts`
 * `[m + 1]`, where each row's entries begin, and `entries` `[count, 2]`, each a
 * column of A and the bits of its value. Whoever makes A answers for its columns
 * lying below k.
 */
export const sparseMatMulKernel = defineKernel({
  name: "RetortSparseMatMul",
  inputs: { starts: "int32", entries: "int32", b: "float32" },
  attributes: {},
  check: ({ entries, b }) => {
    checkInputShape("entries", entries, [entries.shape[0], 2]);
    checkInputShape("b", b, [b.shape[0], b.shape[1]]);
  },
});

function multiply(a: SparseMatrix, b: tf.Tensor): tf.Tensor {
  const { shape: [rows, columns], starts, entries } = a;
  return tf.tidy(() => {
    const inputs = {
      starts: tf.tensor1d(starts, "int32"),
      entries: tf.tensor2d(entries, [entries.length / 2, 2], "int32"),
      b,
    };
    const [c] = runKernel(sparseMatMulKernel, inputs, {}, () => {
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
