import * as tf from "../../../tf.ts";
import { sparseMatMul } from "./sparse_mat_mul.ts";

/** Registers the kernels for sparse matrices on the Wasm backend, once. */
export function registerSparseWasmKernels(): void {
  const kernelName = "RetortSparseMatMul";
  if (tf.getKernel(kernelName, "wasm")) return;
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc: sparseMatMul,
  });
}
