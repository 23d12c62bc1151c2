import { registerWasmKernels } from "../kernels/wasm/register.ts";
import * as tf from "../tf.ts";

/**
 * Makes tfjs's Wasm backend the current one, with our gradients registered.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { useWasm } from "./wasm.ts";
 * import * as tf from "../tf.ts";
 *
 * await useWasm();
 * const slope = tf.grad((x) => tf.maxPool<tf.Tensor4D>(tf.reshape(x, [1, 1, 2, 1]), [1, 2], 1, "valid"));
 * assertEquals([...await slope(tf.tensor1d([3, 5])).data()], [0, 1]);
 * ```
 */
export async function useWasm(): Promise<void> {
  tf.setWasmPaths(tf.wasmBinaryFolder());
  await registerWasmKernels();
  if (!await tf.setBackend("wasm")) {
    throw new Error(
      "Cannot use the Wasm backend: tfjs could not start it: run `deno task doctor` for details, or pass --backend cpu",
    );
  }
}
