import * as tf from "../../tf.ts";
import { readInput, readNumber } from "../kernel_arguments.ts";
import { asWasmBackend, makeOutput } from "../wasm/heap.ts";

/** Kernel `RetortLookUp`: see `lookUp` of `op.ts`. */
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

/** Kernel `RetortSumByIndex`: the gradient of `lookUp` of `op.ts`. */
export const sumByIndex: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const wasm = asWasmBackend(backend);
  const made = makeOutput(wasm, [readNumber(attrs, "size")], "float32");
  const values = wasm.typedArrayFromHeap(readInput(inputs, "values"));
  const indices = wasm.typedArrayFromHeap(
    readInput(inputs, "indices", "int32"),
  );
  const sums = new Float64Array(tf.util.sizeFromShape(made.shape));
  for (let i = 0; i < values.length; i++) sums[indices[i]] += values[i];
  wasm.typedArrayFromHeap(made).set(sums);
  return made;
};
