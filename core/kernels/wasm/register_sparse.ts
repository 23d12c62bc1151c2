import { registerKernels } from "../register_kernels.ts";
import { sparseMatMul } from "../sparse_mat_mul/wasm.ts";

/** Registers the kernel for sparse products on the Wasm backend. */
export function registerSparseWasmKernels(): void {
  registerKernels("wasm", { RetortSparseMatMul: sparseMatMul });
}
