import * as tf from "../../tf.ts";
import { gemm, type GemmKernels } from "../wasm/gemm/gemm.ts";
import { heapOffset, makeOutput } from "../wasm/heap.ts";
import { assertAttributes, type Replacement } from "../wasm/replace_kernel.ts";

/**
 * C = op(A)·op(B), `[…, m, k]`·`[…, k, n]` → `[…, m, n]`, the batch axes
 * broadcast.
 *
 * Throws an `Error` where the shapes don't fit each other.
 */
export function matMul(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { a, b, transposeA, transposeB }: {
    a: tf.TensorInfo;
    b: tf.TensorInfo;
    transposeA: boolean;
    transposeB: boolean;
  },
): tf.TensorInfo {
  const [rowsA, columnsA] = a.shape.slice(-2);
  const [rowsB, columnsB] = b.shape.slice(-2);
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [depth, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  if (k !== depth) {
    throw new RangeError(
      `Cannot multiply matrices: the inner extents must be equal: current values are ${k} and ${depth}`,
    );
  }
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const c = makeOutput(backend, [...batch, m, n], "float32");
  const placesA = placesInBatch(batchA, batch);
  const placesB = placesInBatch(batchB, batch);
  placesA.forEach((placeA, index) => {
    const from = (place: number, size: number) => 4 * place * size;
    gemm(backend, kernels, {
      m,
      k,
      n,
      a: {
        offset: heapOffset(backend, a) + from(placeA, rowsA * columnsA),
        stride: columnsA,
      },
      b: {
        offset: heapOffset(backend, b) +
          from(placesB[index], rowsB * columnsB),
        stride: columnsB,
      },
      c: { offset: heapOffset(backend, c) + from(index, m * n), stride: n },
      transposeA,
      transposeB,
    });
  });
  return c;
}

/**
 * The index in a batch of shape `from` of every element of one broadcast to
 * `to`.
 */
function placesInBatch(from: number[], to: number[]): number[] {
  let places = [0];
  to.forEach((size, axis) => {
    const own = from[axis - to.length + from.length] ?? 1;
    places = places.flatMap((place) =>
      Array.from(
        { length: size },
        (_, index) => place * own + (own === 1 ? 0 : index),
      )
    );
  });
  return places;
}

/**
 * Whether a product is of one row by a matrix: too little to pack the matrix
 * for.
 */
function isRowByMatrix(
  attributes: unknown,
  { a }: Record<string, tf.Tensor>,
): boolean {
  assertAttributes<tf.BatchMatMulAttrs>(attributes, "transposeA", "transposeB");
  const { transposeA, transposeB } = attributes;
  return a.shape.at(-2) === 1 && !transposeA && !transposeB;
}

/** Kernel `BatchMatMul`. */
export const matMulReplacement: Replacement = {
  compute: (backend, kernels, { a, b }, attributes) => {
    assertAttributes<tf.BatchMatMulAttrs>(attributes, "transposeA");
    const { transposeA, transposeB } = attributes;
    return matMul(backend, kernels, { a, b, transposeA, transposeB });
  },
  keepsStock: isRowByMatrix,
};
