import * as tf from "../../tf.ts";
import { type GemmKernels, gemmKernels } from "./gemm/gemm.ts";
import { asWasmBackend } from "./heap.ts";

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

/** A kernel of ours in place of one of tfjs's own. */
export interface Replacement {
  compute(
    backend: tf.BackendWasm,
    kernels: GemmKernels,
    inputs: Record<string, tf.Tensor>,
    attributes: unknown,
  ): tf.TensorInfo;
  /** Whether the stock kernel runs all the same. */
  keepsStock?(
    attributes: unknown,
    inputs: Record<string, tf.Tensor>,
  ): boolean;
  /** Whether the stock kernel must never run: it takes integers' bits for floats. */
  dropsStock?: boolean;
}

/**
 * Registers a kernel in place of a stock one, if there is one, which still runs
 * where inputs aren't float32, or `keepsStock` says so. Where there is none,
 * such inputs are refused: their bits would be read as what they are not.
 */
export function replaceKernel(
  kernelName: string,
  { compute, keepsStock, dropsStock = false }: Replacement,
): void {
  const registered = tf.getKernel(kernelName, "wasm");
  if (registered) tf.unregisterKernel(kernelName, "wasm");
  const stock = dropsStock ? undefined : registered;
  tf.registerKernel({
    ...stock,
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend: given }) => {
      const tensors: Record<string, tf.Tensor> = {};
      for (const name in inputs) tensors[name] = asTensor(inputs[name]);
      const floats = Object.values(tensors)
        .every(({ dtype }) => dtype === "float32");
      if (stock && (!floats || keepsStock?.(attrs, tensors))) {
        return stock.kernelFunc({ inputs, attrs, backend: given });
      }
      if (!floats) refuseTypes(kernelName, tensors);
      const backend = asWasmBackend(given);
      return compute(backend, gemmKernels(backend), tensors, attrs);
    },
  });
}
