import * as tf from "../tf.ts";

/** Backends that compute in this thread: what is asked of them is done when they return. */
const SYNCHRONOUS = ["cpu", "wasm"];

/**
 * The numbers of `tensor`, on a backend that computes in this thread: nothing is waited
 * for. Throws an `Error` on any other, where only `tensor.data()` reads without holding up all else.
 */
export function readAtOnce<Kind extends "float32" | "int32">(
  tensor: tf.Tensor,
): tf.DataTypeMap[Kind] {
  const backend = tf.getBackend();
  if (!SYNCHRONOUS.includes(backend)) {
    throw new Error(
      `Cannot read a tensor at once: its backend must be one of ${
        SYNCHRONOUS.join(", ")
      }: current value is ${backend}; await its data`,
    );
  }
  return tensor.dataSync<Kind>();
}
