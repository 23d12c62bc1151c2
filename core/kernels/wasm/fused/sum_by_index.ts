import * as tf from "../../../tf.ts";
import { readInput, readNumber } from "../../kernel_arguments.ts";
import { asWasmBackend, makeOutput } from "../heap.ts";

/** Kernel `RetortSumByIndex`: the gradient of `lookUp` of core/kernels/ops. */
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
