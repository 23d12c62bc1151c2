import type * as tf from "../../tf.ts";
import {
  columnsPitch,
  type ColumnsShape,
  layOut,
} from "../webgpu/product/columns.ts";
import {
  type Epilogue,
  type LeftOperand,
  type Product,
  readEpilogue,
} from "../webgpu/product/product.ts";
import { runProduct } from "../webgpu/product/run.ts";
import { type Attempt, readPair } from "../webgpu/replace_kernel.ts";
import { lanesOf } from "../webgpu/run_program.ts";

/** The extents of op(A)·op(B), `[batch, rows, depth]` by `[batch, depth, columns]`. */
interface MatMulShape {
  batch: number;
  rows: number;
  depth: number;
  columns: number;
  transposeA: boolean;
  transposeB: boolean;
  /** Whether each matrix of the batch has its own B, or all have one. */
  batchedB: boolean;
  outputShape: number[];
}

function extent(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/**
 * The shape of op(A)·op(B); undefined where our kernels can't compute it: a batch
 * that broadcasts other than a single B over it, or nothing to compute.
 */
function matMulShape(
  a: readonly number[],
  b: readonly number[],
  transposeA: boolean,
  transposeB: boolean,
): MatMulShape | undefined {
  const outerA = a.slice(0, -2);
  const outerB = b.slice(0, -2);
  const batch = extent(outerA);
  const batchedB = extent(outerB) > 1;
  if (a.length < 2 || b.length < 2) return undefined;
  if (
    batchedB ? outerA.join() !== outerB.join() : outerB.length > outerA.length
  ) {
    return undefined;
  }
  const [rows, depth] = transposeA
    ? [a[a.length - 1], a[a.length - 2]]
    : [a[a.length - 2], a[a.length - 1]];
  const columns = transposeB ? b[b.length - 2] : b[b.length - 1];
  if ([batch, rows, depth, columns].some((size) => size < 1)) return undefined;
  return {
    batch,
    rows,
    depth,
    columns,
    transposeA,
    transposeB,
    batchedB,
    outputShape: [...outerA, rows, columns],
  };
}

/** How A, `[batch, depth, rows]`, is laid out anew where it is transposed. */
function transposedColumns(
  { batch, rows, depth }: MatMulShape,
): ColumnsShape {
  return {
    images: batch,
    height: 1,
    width: depth,
    channels: rows,
    reach: 1,
    across: depth,
    windowWidth: 1,
    strideAcross: 1,
    top: 0,
    left: 0,
  };
}

/** A's rows: as they lie, or, transposed, as `columnsProgram` laid them out. */
function leftOperand(a: tf.TensorInfo, shape: MatMulShape): LeftOperand {
  const { batch, depth, transposeA } = shape;
  const pitch = transposeA ? columnsPitch(transposedColumns(shape)) : depth;
  const lanes = lanesOf(pitch);
  return {
    tensor: a,
    lanes,
    masked: false,
    key: `rows ${transposeA}`,
    uniforms: [
      { name: "pitch", type: "i32", value: pitch / lanes },
      { name: "batch", type: "i32", value: batch },
    ],
    code: `
fn leftRow(m : i32, b : i32) -> vec4<i32> {
  return vec4<i32>(${
      transposeA ? "m * uniforms.batch + b" : "b * uniforms.rows + m"
    }, 0, 0, 0);
}
fn leftGroup(row : vec4<i32>, g : i32) -> vec2<i32> {
  return vec2<i32>(row.x * uniforms.pitch, 1);
}`,
  };
}

/**
 * C[b, m, n] = Σ_k op(A)[b, m, k] · op(B)[b, k, n]. A transposed A must be given as
 * `columnsProgram` lays it out by `transposedColumns`.
 */
function matMulProduct(
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  shape: MatMulShape,
  epilogue: Epilogue,
): Product {
  const { batch, rows, columns, depth, transposeA, transposeB } = shape;
  return {
    kind: "dense",
    batch,
    rows,
    columns,
    groups: 1,
    length: transposeA ? columnsPitch(transposedColumns(shape)) : depth,
    valid: depth,
    left: leftOperand(a, shape),
    right: {
      tensor: b,
      along: transposeB ? "depth" : "columns",
      batched: shape.batchedB,
    },
    epilogue,
    outputShape: shape.outputShape,
  };
}

/** tfjs's kernels of a product of matrices, alone or with bias and activation. */
export const matMul: Attempt = (backend, inputs, attributes) => {
  const pair = readPair(inputs, "a", "b");
  if (!pair) return undefined;
  const [a, b] = pair;
  const shape = matMulShape(
    a.shape,
    b.shape,
    attributes.transposeA === true,
    attributes.transposeB === true,
  );
  if (!shape) return undefined;
  const epilogue = readEpilogue(inputs, attributes, shape.columns);
  if (!epilogue) return undefined;
  if (!shape.transposeA) {
    return runProduct(backend, matMulProduct(a, b, shape, epilogue));
  }
  const columns = layOut(backend, a, transposedColumns(shape));
  if (!columns) return undefined;
  const c = runProduct(backend, matMulProduct(columns, b, shape, epilogue));
  backend.disposeData(columns.dataId);
  return c;
};
