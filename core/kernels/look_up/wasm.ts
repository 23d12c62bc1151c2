import { implementOnWasm, makeOutput } from "../wasm/heap.ts";
import { lookUpKernel, sumByIndexKernel } from "./op.ts";

/** Kernel `RetortLookUp`: see `lookUp` of `op.ts`. */
export const lookUp = implementOnWasm(
  lookUpKernel,
  (wasm, { codebook, indices }) => {
    const made = makeOutput(wasm, indices.shape, "float32");
    const values = wasm.typedArrayFromHeap(codebook);
    const places = wasm.typedArrayFromHeap(indices);
    const y = wasm.typedArrayFromHeap(made);
    for (let i = 0; i < y.length; i++) y[i] = values[places[i]];
    return [made];
  },
);

/** Kernel `RetortSumByIndex`: the gradient of `lookUp` of `op.ts`. */
export const sumByIndex = implementOnWasm(
  sumByIndexKernel,
  (wasm, { values, indices }, { size }) => {
    const made = makeOutput(wasm, [size], "float32");
    const summands = wasm.typedArrayFromHeap(values);
    const places = wasm.typedArrayFromHeap(indices);
    const sums = new Float64Array(size);
    for (let i = 0; i < summands.length; i++) sums[places[i]] += summands[i];
    wasm.typedArrayFromHeap(made).set(sums);
    return [made];
  },
);
