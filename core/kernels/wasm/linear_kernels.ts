import type * as tf from "../../tf.ts";
import { type GemmKernels, gemmKernels } from "./gemm_kernels.ts";
import { hasRelaxedSimd } from "./relaxed_simd.ts";
import {
  type WinogradKernels,
  winogradKernels,
} from "./winograd/winograd_kernels.ts";

/** The functions that matrix products and convolutions are made of. */
export interface LinearKernels extends GemmKernels {
  winograd: WinogradKernels;
}

const known = new WeakMap<tf.BackendWasm, Map<boolean, LinearKernels>>();

/**
 * The functions that matrix products and convolutions are made of, on the heap of
 * `backend`. `fused` says whether a sum is rounded once, by relaxed_madd, or its
 * product before: as the runtime can, unless given.
 */
export function linearKernels(
  backend: tf.BackendWasm,
  fused: boolean = hasRelaxedSimd(),
): LinearKernels {
  let ofBackend = known.get(backend);
  if (!ofBackend) known.set(backend, ofBackend = new Map());
  let kernels = ofBackend.get(fused);
  if (!kernels) {
    kernels = {
      ...gemmKernels(backend, fused),
      winograd: winogradKernels(backend, fused),
    };
    ofBackend.set(fused, kernels);
  }
  return kernels;
}
