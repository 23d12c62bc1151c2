import * as tf from "../../tf.ts";
import { asWebGpuBackend } from "./run_program.ts";

/** What a kernel of ours computes; undefined where only the stock kernel can. */
export type Attempt = (
  backend: tf.WebGPUBackend,
  inputs: tf.NamedTensorInfoMap,
  attributes: tf.NamedAttrMap,
) => tf.TensorInfo | undefined;

/** Puts `attempt` before tfjs's own kernel called `name`. */
export function replaceKernel(name: string, attempt: Attempt): void {
  const stock = tf.getKernel(name, "webgpu");
  tf.unregisterKernel(name, "webgpu");
  tf.registerKernel({
    ...stock,
    kernelFunc: (call) =>
      attempt(asWebGpuBackend(call.backend), call.inputs, call.attrs ?? {}) ??
        stock.kernelFunc(call),
  });
}

/** Two inputs by name; undefined where our kernels can't read them. */
export function readPair(
  inputs: tf.NamedTensorInfoMap,
  ...names: [string, string]
): [tf.TensorInfo, tf.TensorInfo] | undefined {
  const [a, b] = names.map((name) => inputs[name]);
  return a?.dtype === "float32" && b?.dtype === "float32" ? [a, b] : undefined;
}
