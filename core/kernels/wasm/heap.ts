import * as tf from "../../tf.ts";
import {
  type Attributes,
  type Implementation,
  implementKernel,
  type Kernel,
  type KernelName,
} from "../kernel.ts";
import { assembleWat } from "./assemble.ts";
import type { HeapFunction, WasmModule } from "./code.ts";

/** tfjs's Wasm backend behind a kernel's `backend` argument. */
export function asWasmBackend(backend: unknown): tf.BackendWasm {
  if (backend instanceof tf.BackendWasm) return backend;
  throw new TypeError("Cannot run a Wasm kernel: the backend must be Wasm");
}

/** `run`, which gets what `kernel` is called with, checked, on Wasm. */
export function implementOnWasm<
  Name extends KernelName,
  Input extends string,
  Given extends Attributes,
>(
  kernel: Kernel<Name, Input, Given>,
  run: (
    wasm: tf.BackendWasm,
    inputs: Record<Input, tf.TensorInfo>,
    attributes: Given,
  ) => tf.TensorInfo[],
): Implementation<Name> {
  return implementKernel(asWasmBackend, kernel, run);
}

/**
 * The memory that holds every tensor of `backend`. It grows; offsets stay
 * valid.
 */
export function heapMemory(backend: tf.BackendWasm): WebAssembly.Memory {
  const { wasm } = backend;
  const exports: unknown = "asm" in wasm ? wasm.asm : undefined;
  if (typeof exports === "object" && exports && "memory" in exports) {
    const { memory } = exports;
    if (memory instanceof WebAssembly.Memory) return memory;
  }
  throw new Error(
    "Cannot reach tfjs's heap: its module must export `memory`: use the version of tfjs that core/tf.ts names",
  );
}

/**
 * Byte offset of the first element of `tensor` on the heap.
 *
 * Throws an `Error` where the heap had no room for the tensor: tfjs then puts
 * it at offset 0 without a word, over whatever lies there.
 */
export function heapOffset(
  backend: tf.BackendWasm,
  { dataId, shape }: tf.TensorInfo,
): number {
  const offset = backend.getMemoryOffset(dataId) >>> 0;
  if (offset !== 0) return offset;
  const { byteLength } = heapMemory(backend).buffer;
  throw new Error(
    `Cannot go on: the Wasm heap is full: it had no room for a tensor of shape [${
      shape.join(", ")
    }] and is ${
      Math.round(byteLength / 2 ** 20)
    } MiB large: use a smaller batch or narrower cohorts, or pass --backend webgpu`,
  );
}

/**
 * A new tensor on the heap; what is in it is left from others.
 *
 * Throws an `Error` where the heap has no room for it.
 */
export function makeOutput(
  backend: tf.BackendWasm,
  shape: number[],
  dtype: "float32" | "int32",
): tf.TensorInfo {
  const tensor = backend.makeOutput(shape, dtype);
  try {
    heapOffset(backend, tensor);
    return tensor;
  } catch (error) {
    backend.disposeData(tensor.dataId);
    throw error;
  }
}

function assertFunctions<Name extends string>(
  names: Name[],
  exports: Record<string, unknown>,
): asserts exports is Record<Name, HeapFunction> {
  for (const name of names) {
    if (typeof exports[name] === "function") continue;
    throw new TypeError(`Cannot run a module: it must export ${name}`);
  }
}

/**
 * The functions that `module` exports, running on the heap of `backend`; it is
 * instantiated once a heap.
 */
export function heapFunctions<Name extends string>(
  backend: tf.BackendWasm,
  module: WasmModule<Name>,
): Record<Name, HeapFunction> {
  const memory = heapMemory(backend);
  const known = module.instances.get(memory);
  if (known) return known;
  const { text, exported } = module.make();
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(assembleWat(module.name, text)),
    { env: { memory } },
  );
  const functions: Record<string, unknown> = { ...exports };
  assertFunctions(exported, functions);
  module.instances.set(memory, functions);
  return functions;
}

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
