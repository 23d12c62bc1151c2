import type * as tf from "../../tf.ts";
import { type HeapFunctions, heapFunctions } from "./heap.ts";
import { gemmModule } from "./wat/gemm_module.ts";

/** The functions of `gemmModule`, whose parameters are bytes and counts. */
export interface GemmKernels {
  /** The macro-kernel over rows of A at arbitrary places. */
  rows: HeapFunctions[string];
  /** The macro-kernel over neighbouring rows of A. */
  columns: HeapFunctions[string];
  /** Packs a matrix in slivers of four columns. */
  along4: HeapFunctions[string];
  /** Packs a matrix in slivers of eight columns. */
  along8: HeapFunctions[string];
  /** Packs a matrix's transpose in slivers of eight columns. */
  across8: HeapFunctions[string];
  /** Copies an image into a larger one. */
  place: HeapFunctions[string];
  /** Sets bytes to zero. */
  zero: HeapFunctions[string];
}

/** The functions of `gemmModule` on the heap of `backend`. */
export function gemmKernels(
  backend: tf.BackendWasm,
  fused: boolean,
): GemmKernels {
  const { rows, columns, along4, along8, across8, place, zero } = heapFunctions(
    backend,
    "gemm",
    gemmModule(fused),
  );
  return { rows, columns, along4, along8, across8, place, zero };
}
