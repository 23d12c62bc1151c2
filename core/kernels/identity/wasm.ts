import type * as tf from "../../tf.ts";
import { asWasmBackend } from "../wasm/heap.ts";

/**
 * Stock kernel `Identity`: another handle to the same numbers, counted by the
 * backend. tfjs's own Wasm kernel copies them, though no kernel writes into its
 * inputs; automatic differentiation clones each tensor that it saves, several
 * times a step.
 */
export const identity: tf.KernelFunc = ({ inputs, backend }) => {
  const { x } = inputs;
  if (!x) {
    throw new TypeError("Cannot run a kernel: its input `x` must be given");
  }
  asWasmBackend(backend).incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
};
