import type * as tf from "../../../tf.ts";
import { readInput, readNumber } from "../../kernel_arguments.ts";
import { levelRange } from "../../level_range.ts";
import { roundLevel } from "../../round_level.ts";
import { asWasmBackend, makeOutput } from "../heap.ts";

/**
 * Kernel `RetortQuantise`: see `quantiseUniform` of core/kernels/ops. In plain
 * TypeScript over the heap: weights are few beside the examples of a batch.
 */
export const quantiseUniform: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const wasm = asWasmBackend(backend);
  const weights = readInput(inputs, "weights");
  const range = levelRange(readNumber(attrs, "bits"));
  const made = makeOutput(wasm, weights.shape, "float32");
  const w = wasm.typedArrayFromHeap(weights);
  const s = wasm.typedArrayFromHeap(readInput(inputs, "steps"));
  const y = wasm.typedArrayFromHeap(made);
  for (let i = 0; i < y.length; i++) {
    const step = s[i % s.length];
    y[i] = step * roundLevel(w[i], step, range);
  }
  return made;
};
