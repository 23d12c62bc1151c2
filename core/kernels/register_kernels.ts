import * as tf from "../tf.ts";

/** Registers `kernels` on a backend of tfjs, each in place of what it had so far. */
export function registerKernels(
  backendName: "wasm" | "webgpu",
  kernels: Record<string, tf.KernelFunc>,
): void {
  for (const [kernelName, kernelFunc] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, backendName)) {
      tf.unregisterKernel(kernelName, backendName);
    }
    tf.registerKernel({ kernelName, backendName, kernelFunc });
  }
}
