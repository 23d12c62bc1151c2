import type * as tf from "../../../tf.ts";
import { type HeapFunctions, heapFunctions } from "../heap.ts";
import { POINTS, transposed, winogradMatrices } from "./matrices.ts";
import { tileTransform } from "./transform_wat.ts";

/** What tiles become: `tileTransform` of a matrix each. */
export interface WinogradKernels {
  /** Bᵀ·d·B of an input tile `[6, 6]`. */
  input: HeapFunctions[string];
  /** G·g·Gᵀ of a filter `[3, 3]`. */
  filter: HeapFunctions[string];
  /** Aᵀ·m·A of products `[6, 6]`: outputs `[4, 4]`. */
  output: HeapFunctions[string];
  /** A·dy·Aᵀ of an output gradient `[4, 4]`. */
  outputGradient: HeapFunctions[string];
  /** Gᵀ·m·G of products `[6, 6]`: a filter gradient `[3, 3]`. */
  filterGradient: HeapFunctions[string];
}

function winogradModule(fused: boolean): string {
  const { input, filter, output } = winogradMatrices(POINTS);
  return `(module (import "env" "memory" (memory 1))
    ${tileTransform("input", input, fused)}
    ${tileTransform("filter", filter, fused)}
    ${tileTransform("output", output, fused)}
    ${tileTransform("outputGradient", transposed(output), fused)}
    ${tileTransform("filterGradient", transposed(filter), fused)})`;
}

/** The transforms of tiles, on the heap of `backend`. */
export function winogradKernels(
  backend: tf.BackendWasm,
  fused: boolean,
): WinogradKernels {
  const { input, filter, output, outputGradient, filterGradient } =
    heapFunctions(backend, "winograd", winogradModule(fused));
  return { input, filter, output, outputGradient, filterGradient };
}
