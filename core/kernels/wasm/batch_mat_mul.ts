import * as tf from "../../tf.ts";

/** The last two axes of `x` exchanged. */
function transposed(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), ...axes.slice(-2).reverse()]);
}

/**
 * C = op(A)·op(B) on tfjs's Wasm backend, `[…, m, k]` × `[…, k, n]`.
 *
 * The stock kernel leaves XNNPACK for a scalar loop wherever an operand is
 * transposed (0.6 GFLOP/s against 26). Copying the operand into its transposed
 * order first costs a few milliseconds and keeps the fast path.
 */
export function batchMatMul(
  multiply: (a: tf.Tensor, b: tf.Tensor) => tf.TensorInfo,
  { a, b, transposeA, transposeB }: {
    a: tf.Tensor;
    b: tf.Tensor;
    transposeA: boolean;
    transposeB: boolean;
  },
): tf.TensorInfo {
  const left = transposeA ? transposed(a) : a;
  const right = transposeB ? transposed(b) : b;
  const product = multiply(left, right);
  if (left !== a) left.dispose();
  if (right !== b) right.dispose();
  return product;
}
