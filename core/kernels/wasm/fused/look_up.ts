import type * as tf from "../../../tf.ts";
import { readInput } from "../../kernel_arguments.ts";
import { asWasmBackend, makeOutput } from "../heap.ts";

/** Kernel `RetortLookUp`: see `lookUp` of core/kernels/ops. */
export const lookUp: tf.KernelFunc = ({ inputs, backend }) => {
  const wasm = asWasmBackend(backend);
  const places = readInput(inputs, "indices", "int32");
  const made = makeOutput(wasm, places.shape, "float32");
  const codebook = wasm.typedArrayFromHeap(readInput(inputs, "codebook"));
  const indices = wasm.typedArrayFromHeap(places);
  const y = wasm.typedArrayFromHeap(made);
  for (let i = 0; i < y.length; i++) y[i] = codebook[indices[i]];
  return made;
};
