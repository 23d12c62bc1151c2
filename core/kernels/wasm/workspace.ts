import type * as tf from "../../tf.ts";
import { heapOffset, makeOutput } from "./heap.ts";

/** Bytes that a workspace begins a multiple of: a line of the caches. */
const ALIGNMENT = 64;

/** `bytes`, rounded up to a whole number of lines. */
function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/**
 * Runs `use` with parts of the heap of the sizes given, in bytes, then frees
 * them. It returns what `use` returns.
 */
export function withWorkspace<T>(
  backend: tf.BackendWasm,
  sizes: number[],
  use: (...parts: number[]) => T,
): T {
  const parts = sizes.map(align);
  const total = parts.reduce((sum, size) => sum + size, ALIGNMENT);
  const tensor = makeOutput(backend, [total / 4], "float32");
  try {
    let next = align(heapOffset(backend, tensor));
    return use(...parts.map((size) => {
      const part = next;
      next += size;
      return part;
    }));
  } finally {
    backend.disposeData(tensor.dataId);
  }
}
