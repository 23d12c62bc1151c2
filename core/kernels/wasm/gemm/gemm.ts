import type * as tf from "../../../tf.ts";
import { hasRelaxedSimd } from "../assemble.ts";
import type { HeapFunction } from "../code.ts";
import { heapFunctions, heapMemory, withWorkspace } from "../heap.ts";
import { gemmModule } from "./gemm_module.ts";

/** The functions of {@linkcode gemmModule}, whose parameters are bytes and counts. */
export interface GemmKernels {
  /** Whether products are added by relaxed_madd, rounded once, or rounded before. */
  fused: boolean;
  /** The macro-kernel over rows of A at arbitrary places. */
  rows: HeapFunction;
  /** The macro-kernel over neighbouring rows of A. */
  columns: HeapFunction;
  /** Packs a matrix in slivers of four columns. */
  along4: HeapFunction;
  /** Packs a matrix in slivers of eight columns. */
  along8: HeapFunction;
  /** Packs a matrix's transpose in slivers of eight columns. */
  across8: HeapFunction;
  /** Copies an image into a larger one. */
  place: HeapFunction;
  /** Sets bytes to zero. */
  zero: HeapFunction;
}

const known = new WeakMap<tf.BackendWasm, Map<boolean, GemmKernels>>();

/**
 * The functions of `gemmModule` on the heap of `backend`; `fused` as the runtime
 * can, unless given.
 */
export function gemmKernels(
  backend: tf.BackendWasm,
  fused: boolean = hasRelaxedSimd(),
): GemmKernels {
  let ofBackend = known.get(backend);
  if (!ofBackend) known.set(backend, ofBackend = new Map());
  let kernels = ofBackend.get(fused);
  if (!kernels) {
    kernels = { fused, ...heapFunctions(backend, gemmModule(fused)) };
    ofBackend.set(fused, kernels);
  }
  return kernels;
}

/** Steps of k at once: a sliver of B and a tile of A share the 32 KiB of L1. */
const DEPTH = 384;

/** Rows of A at once: with `DEPTH`, 384 KiB of L2. */
const ROWS = 256;

/** Columns of B at once: packed, 768 KiB. */
const COLUMNS = 512;

/** A matrix on the heap: its offset in bytes, and numbers between stored rows. */
export interface HeapMatrix {
  offset: number;
  stride: number;
}

/** The operands of C = op(A)·op(B), `[m, k]`·`[k, n]`. */
export interface Product {
  m: number;
  k: number;
  n: number;
  a: HeapMatrix;
  b: HeapMatrix;
  c: HeapMatrix;
  /** Whether A is stored `[k, m]`. */
  transposeA: boolean;
  /** Whether B is stored `[n, k]`. */
  transposeB: boolean;
}

/**
 * Writes C = op(A)·op(B) over what C held.
 *
 * Loop order: columns by 512, k by 384, rows by 256, then the macro-kernel's. The
 * blocks depend on the shapes alone, so that equal operands give equal bits.
 *
 * Source: Goto and van de Geijn, "Anatomy of high-performance matrix
 * multiplication", ACM TOMS 34(3), 2008.
 */
export function gemm(
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  { m, k, n, a, b, c, transposeA, transposeB }: Product,
): void {
  if (k === 0) {
    for (let i = 0; i < m; i++) {
      kernels.zero(c.offset + 4 * i * c.stride, 4 * n);
    }
    return;
  }
  const depth = Math.min(k, DEPTH);
  const rows = Math.min(m, ROWS);
  const columns = Math.min(n, COLUMNS);
  const sizes = [
    4 * depth * (columns + 7),
    4 * (transposeA ? depth * (rows + 3) : rows),
  ];
  withWorkspace(backend, sizes, (packedB, ofA) => {
    if (!transposeA) writeTable(backend, ofA, rows, 4 * a.stride);
    for (let j = 0; j < n; j += columns) {
      const width = Math.min(columns, n - j);
      for (let p = 0; p < k; p += depth) {
        const length = Math.min(depth, k - p);
        const from = transposeB ? j * b.stride + p : p * b.stride + j;
        const pack = transposeB ? kernels.across8 : kernels.along8;
        pack(b.offset + 4 * from, 4 * b.stride, length, width, packedB);
        for (let i = 0; i < m; i += rows) {
          const height = Math.min(rows, m - i);
          const to = c.offset + 4 * (i * c.stride + j);
          const result = [to, 4 * c.stride, height, width, Number(p > 0)];
          if (transposeA) {
            const block = a.offset + 4 * (p * a.stride + i);
            kernels.along4(block, 4 * a.stride, length, height, ofA);
            const tile = 16 * length;
            kernels.columns(ofA, tile, 16, 0, 1, length, packedB, ...result);
          } else {
            const block = a.offset + 4 * (i * a.stride + p);
            kernels.rows(block, ofA, 0, 1, length, packedB, ...result);
          }
        }
      }
    }
  });
}

/** Writes 0, `stride`, 2·`stride`, … as the offsets of `rows` rows. */
function writeTable(
  backend: tf.BackendWasm,
  offset: number,
  rows: number,
  stride: number,
): void {
  const table = new Int32Array(heapMemory(backend).buffer, offset, rows);
  for (let row = 0; row < rows; row++) table[row] = row * stride;
}
