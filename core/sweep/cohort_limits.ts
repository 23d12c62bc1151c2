import { describeAdapter, requestAdapter } from "../device/adapter.ts";
import type { BackendChoice } from "../device/select_backend.ts";

/** What a cohort may take. */
export interface CohortLimits {
  /** Bytes of all its tensors at a time; see {@linkcode measureMemory}. */
  bytes: number;
  /** Bytes of one tensor. */
  largest: number;
}

/**
 * A quarter of the largest heap that WebAssembly can have, so that workers side by
 * side fit a small machine; it is room for some 3,500 hidden units on MNIST.
 */
const BYTES = 2 ** 30;

/**
 * What a cohort may take on `backend`: 1 GiB a worker, and on WebGPU no tensor
 * larger than the adapter lets a shader bind.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cohortLimits } from "./cohort_limits.ts";
 *
 * assertEquals((await cohortLimits("wasm")).bytes, 2 ** 30);
 * ```
 */
export async function cohortLimits(
  backend: BackendChoice,
): Promise<CohortLimits> {
  const adapter = backend === "webgpu" ? await requestAdapter() : null;
  if (!adapter) return { bytes: BYTES, largest: BYTES };
  const { limits } = describeAdapter(adapter);
  const { maxBufferSize, maxStorageBufferBindingSize } = limits;
  const largest = Math.min(BYTES, maxBufferSize, maxStorageBufferBindingSize);
  return { bytes: BYTES, largest };
}
