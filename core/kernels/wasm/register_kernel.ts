import * as tf from "../../tf.ts";
import { asWasmBackend } from "./heap.ts";
import { type GemmKernels, gemmKernels } from "./gemm/gemm.ts";

/** The name under which kernels of this backend are registered. */
export const BACKEND = "wasm";

/**
 * The tensor that tfjs's engine passes where its types promise only a handle.
 */
function asTensor(info: tf.TensorInfo | undefined): tf.Tensor {
  if (tf.isTensor(info)) return info;
  throw new TypeError(
    "Cannot run a Wasm kernel: its inputs must be tensors: call it through tfjs's engine",
  );
}

/** Checks that tfjs passed the attributes called `names`, and types them. */
export function assertAttributes<T>(
  attributes: unknown,
  ...names: (keyof T & string)[]
): asserts attributes is T {
  const given = new Set(Object.keys(attributes ?? {}));
  const missing = names.filter((name) => !given.has(name));
  if (missing.length > 0) {
    throw new TypeError(
      `Cannot run a Wasm kernel: tfjs must pass ${names.join(", ")}: missing ${
        missing.join(", ")
      }`,
    );
  }
}

function refuseTypes(
  kernelName: string,
  tensors: Record<string, tf.Tensor>,
): never {
  const types = Object.entries(tensors)
    .map(([name, { dtype }]) => `${name} ${dtype}`).join(", ");
  throw new TypeError(
    `Cannot run ${kernelName} on Wasm: its inputs must hold float32: current value is ${types}: cast them first`,
  );
}

/** What a kernel computes of its inputs on the Wasm backend. */
export type Compute = (
  backend: tf.BackendWasm,
  kernels: GemmKernels,
  inputs: Record<string, tf.Tensor>,
  attributes: unknown,
) => tf.TensorInfo;

/**
 * Registers a kernel in place of a stock one, if there is one, which still runs
 * where inputs aren't float32, or `keepStock` says so. Where there is none,
 * such inputs are refused: their bits would be read as what they are not.
 */
export function registerKernel(
  kernelName: string,
  compute: Compute,
  keepStock: (
    attributes: unknown,
    inputs: Record<string, tf.Tensor>,
  ) => boolean = () => false,
): void {
  const stock = tf.getKernel(kernelName, BACKEND);
  if (stock) tf.unregisterKernel(kernelName, BACKEND);
  tf.registerKernel({
    ...stock,
    kernelName,
    backendName: BACKEND,
    kernelFunc: ({ inputs, attrs, backend: given }) => {
      const tensors: Record<string, tf.Tensor> = {};
      for (const name in inputs) tensors[name] = asTensor(inputs[name]);
      const floats = Object.values(tensors)
        .every(({ dtype }) => dtype === "float32");
      if (stock && (!floats || keepStock(attrs, tensors))) {
        return stock.kernelFunc({ inputs, attrs, backend: given });
      }
      if (!floats) refuseTypes(kernelName, tensors);
      const backend = asWasmBackend(given);
      return compute(backend, gemmKernels(backend), tensors, attrs);
    },
  });
}
