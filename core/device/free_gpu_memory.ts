import * as tf from "../tf.ts";

/** The lists of buffers that `manager` keeps for tensors of their very size. */
function unusedBuffers(manager: object): Map<unknown, unknown> {
  const lists: unknown = Reflect.get(manager, "freeBuffers");
  if (lists instanceof Map) return lists;
  throw new Error(
    "Cannot free GPU memory: tfjs's buffer manager must have `freeBuffers`: use the version of tfjs that core/tf.ts names",
  );
}

/**
 * Gives back the GPU memory of tensors that are gone: tfjs keeps each of their
 * buffers for the next tensor of the very same size, for ever, so that memory grows
 * with every new width. Does nothing on other backends. Returns the bytes given
 * back.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { freeGpuMemory } from "./free_gpu_memory.ts";
 * import { useCpu } from "./cpu.ts";
 *
 * await useCpu();
 * assertEquals(freeGpuMemory(), 0);
 * ```
 */
export function freeGpuMemory(): number {
  const backend: unknown = tf.backend();
  if (!(backend instanceof tf.WebGPUBackend)) return 0;
  // What is still queued may use them: WebGPU waits only for what is submitted.
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  const { bufferManager } = backend;
  let bytes = 0;
  for (const list of unusedBuffers(bufferManager).values()) {
    if (!Array.isArray(list)) continue;
    for (const buffer of list) {
      if (!(buffer instanceof GPUBuffer)) continue;
      bytes += buffer.size;
      buffer.destroy();
    }
    list.length = 0;
  }
  Reflect.set(bufferManager, "numFreeBuffers", 0);
  bufferManager.numBytesAllocated -= bytes;
  return bytes;
}
